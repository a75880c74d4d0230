// The shapes of what goes over the wire, and the agreements between the desk's modules. Types alone: no
// browser ever loads this file.

/**
 * @typedef {'pending' | 'approved' | 'rejected' | 'spam'} Status
 * @typedef {'approve' | 'reject' | 'spam' | 'pending'} Action
 * @typedef {{name: string, weight: number, text: string, span: {start: number, end: number} | null}} Signal
 * @typedef {{
 *   id: string, version: number, status: Status, site: string, page: string, title?: string | null, parent: string | null,
 *   name: string, email: string | null, url: string | null, body: string, html: string, created_at: string,
 *   original?: {name: string, url: string | null, body: string} | null,
 *   edited_at?: string | null, by_staff?: boolean,
 *   captcha: {provider: string, score: number | null, outcome: 'pass' | 'low' | 'missing' | 'unverified' | 'off'},
 *   risk: number, verdict: 'publish' | 'hold' | 'spam' | 'reject', signals: Signal[],
 *   author: {id: string, proven: boolean, approved: number, rejected: number, spam: number},
 *   reports: {count: number, reasons: string[]}, claimed_by: string | null, claimed_until?: string | null,
 *   decided_by: string | null, decided_at: string | null, cluster: {id: string, count: number} | null,
 * }} Item a comment as the queue shows it; `html` is the one member that is markup; `original` is what the author wrote
 *   where the newsroom changed it, and what signals point into
 * @typedef {{who: string, when: string, why: string | null, from: Status | null, to: Status | null, action: string, version: number | null}} Deed
 * @typedef {{id: string, parent: string | null, depth: number, removed: boolean, name: string | null, html: string | null, created_at: string, by_staff: boolean}} Neighbour
 * @typedef {Item & {history: Deed[], thread: Neighbour[]}} Detail
 * @typedef {{items: Item[], next_cursor: string | null}} ItemPage
 * @typedef {{site: string, page: string | null, since: string, until: string, cause: 'ceiling' | 'refusals' | 'hand', by: string | null}} Attack
 * @typedef {{counts: Record<string, number>, attack: Attack[]}} Summary
 * @typedef {{id: string, label: string, ground: string | null, text: string}} Reason
 * @typedef {{username: string, role: 'moderator' | 'admin', csrf_token: string, expires_at: string, sites?: string[] | null, second_factor?: boolean}} Session
 */

/**
 * @typedef {Record<string, string>} Query what stands behind the `?` of a route
 * @typedef {{name: string, id: string | null, query: Query}} Route
 * @typedef {{label: string, run: () => void}} Offer
 * @typedef {{actions?: Offer[], sticky?: boolean, tone?: 'plain' | 'warn'}} ToastOptions
 * @typedef {{title: string, text?: string, action: string, danger?: boolean}} Question
 * @typedef {{keys: string[], label: string, group: string, run: () => void, when?: () => boolean, hidden?: boolean, repeats?: boolean}} Binding
 *   `keys`: e.g. `['j']`, `['g w', 'Home']`; `hidden` ones are not in the help, those that `repeats` act on
 *   and on while the key is held
 */

/**
 * What every view is given.
 * @typedef {{
 *   api: import('./api.js').Api,
 *   session: Session,
 *   isAdmin: boolean,
 *   params: {id: string | null},
 *   query: Query,
 *   navigate: (hash: string) => void,
 *   replace: (hash: string) => void,
 *   announce: (text: string) => void,
 *   toast: (text: string, options?: ToastOptions) => import('./toast.js').Toast,
 *   confirm: (question: Question) => Promise<boolean>,
 *   live: import('./live.js').Live,
 *   decider: import('./decide.js').Decider,
 *   sites: readonly string[],
 *   origins: Readonly<Record<string, string>>,
 *   route: string,
 * }} Context
 *   `sites`: those that this person works on; `origins`: where each has its pages, as far as it is told; `navigate` goes to a route and leaves a step in the browser's history; `replace` writes the address alone
 *
 * What a view gives back. `update` is asked when the address changes within the same view: true where the
 * view followed, false where it is to be made anew. `filled`: the view fills the screen and scrolls inside.
 * @typedef {{
 *   element: HTMLElement, title: string, filled?: boolean, keys?: Binding[],
 *   update?: (route: Route) => boolean, shown?: () => void, dispose?: () => void,
 * }} View
 * @typedef {{view: (ctx: Context) => Promise<View>}} ViewModule
 */

export {};

// The record's lines as sentences: who did what to what. An action that is not known here is told by its own name,
// so that nothing that was done is left out. Pure: words and places out, no nodes.

import { count, moment, plural, STATUS } from '../words.js';
import { MODES, pathOf, ROLES, SCOPES } from './terms.js';

/** @import { Status } from '../types.js' */
/** @typedef {{id?: number, at: string, actor: string, action: string, subject: string, detail: Record<string, any>, hash?: string | null}} Line */
/** @typedef {{comment: string} | {person: string} | {page: string, site: string}} Target */
/** @typedef {string | {strong: string} | {text: string, to: Target}} Part a stretch of a sentence; `to` says where it leads */
/** @typedef {{sentence: Part[], changes: {name: string, before: string, after: string}[], why: string | null}} Told */

/** What can be asked for, by what it is about. @type {Record<string, Record<string, string>>} */
export const ACTIONS = {
  '': { '': 'Everything' },
  Comments: {
    'comment.': 'All about comments', 'comment.approve': 'Published', 'comment.reject': 'Rejected', 'comment.spam': 'Marked as spam', 'comment.pending': 'Put back',
    'comment.revise': 'Words changed', 'comment.reply': 'Replies', 'comment.edit': 'Edited by authors', 'comment.delete': 'Taken back by authors', 'comment.hold': 'Held by a ban', 'comment.captcha': 'Captcha checked again',
  },
  'Bans and pages': { 'ban.': 'Bans', 'page.': 'Pages', 'attack.': 'Attack mode' },
  People: { 'moderator.': 'People', 'session.': 'Sign-ins', 'session.fail': 'Failed sign-ins', 'token.': 'API tokens' },
  Program: { 'settings.': 'Settings', 'model.': 'Learning' },
};

/** Who it was, in words. @param {string} actor */
export function whoDid(actor) {
  const [kind = '', ...rest] = actor.split(':');
  const name = rest.join(':');
  if (kind === 'moderator' && name) return name;
  if (kind === 'token' && name) return `Token ${name}`;
  return { author: 'The author', system: 'The program', operator: 'The operator' }[actor] ?? actor;
}

/** What somebody means who types a name. @param {string} typed */
export function actorOf(typed) {
  const text = typed.trim();
  const known = { 'the author': 'author', 'the program': 'system', program: 'system', 'the operator': 'operator' }[text.toLowerCase()];
  if (known) return known;
  if (/^token /i.test(text)) return `token:${text.slice(6).trim()}`;
  return text === '' || text.includes(':') || ['author', 'system', 'operator'].includes(text) ? text : `moderator:${text}`;
}

const KIND = { email: 'an email', email_domain: 'an email domain', name: 'a name', ip: 'an address', network: 'a network', link_domain: 'links to a domain' };
const CAUSE = { ceiling: ': more comments came than the limit lets through', refusals: ': far more senders were refused than is usual' };
/** Where everything is held. @param {Record<string, any>} detail @returns {Part} */
const held = ({ site, page }) => (page ? { text: pathOf(page), to: { page, site: site ?? '' } } : { strong: String(site) });
const MODE = { refuse: 'refuses', hold: 'holds', shadow: 'marks as spam' };

/** @param {Line} line @returns {Told} */
export function tell(line) {
  const known = SENTENCES[line.action];
  const sentence = known ? known(line) : [`did ${line.action.replaceAll('_', ' ').replace('.', ': ')} to `, { strong: line.subject }];
  const why = typeof line.detail.reason === 'string' && line.detail.reason !== '' && !line.action.startsWith('session.') ? line.detail.reason : null;
  return { sentence, changes: changesOf(line), why };
}

/** @param {Line} line @param {string} [text] @returns {Part} */
const comment = ({ subject }, text = 'a comment') => ({ text, to: { comment: subject } });
/** @param {Line} line @returns {Part} */
const person = ({ subject }) => ({ text: subject, to: { person: subject } });
/** @param {Line} line */
const isOwn = ({ actor, subject }) => actor === `moderator:${subject}`;
/** @param {unknown} status */
const statusName = (status) => STATUS[/** @type {Status} */ (status)]?.toLowerCase() ?? String(status);
/** From where to where, where that is worth saying. @param {Line} line */
const moved = ({ detail: { from, to } }) => (from && to && from !== to && from !== 'pending' ? `, which was ${statusName(from)}` : '');
/** @param {Line} line */
const byBan = ({ detail }) => (detail.ban ? ', by a ban' : '');
/** @param {unknown} ended */
const signedOut = (ended) => (Number(ended) > 0 ? `, which ended ${plural(Number(ended), 'session')}` : '');
/** @param {unknown} site */
const where = (site) => (site ? ` on ${site}` : ' on all sites');
/** @param {unknown} sites */
const sitesOf = (sites) => (Array.isArray(sites) ? sites.join(', ') || 'no site' : 'all sites');

/** @type {Record<string, (line: Line) => Part[]>} */
const SENTENCES = {
  'comment.approve': (line) => ['published ', comment(line), moved(line)],
  'comment.reject': (line) => ['rejected ', comment(line), byBan(line), moved(line)],
  'comment.spam': (line) => ['marked ', comment(line), ' as spam', byBan(line), moved(line)],
  'comment.pending': (line) => ['put ', comment(line), ' back to waiting', moved(line)],
  'comment.edit': (line) => ['changed ', comment(line, 'their comment'), line.detail.to && line.detail.to !== line.detail.from ? `, which ${line.detail.to === 'pending' ? 'sent it back to waiting' : `made it ${statusName(line.detail.to)}`}` : ''],
  'comment.delete': (line) => ['took ', comment(line, 'their comment'), ' back'],
  'comment.revise': (line) => [`changed the ${(line.detail.changed ?? ['words']).map((/** @type {string} */ field) => ({ body: 'text', url: 'website' })[field] ?? field).join(' and ')} of `, comment(line)],
  'comment.reply': (line) => ['wrote ', comment(line, 'a reply'), ' as the newsroom'],
  'comment.hold': (line) => ['marked ', comment(line), ' to wait, by a ban'],
  'comment.captcha': (line) => ['checked the captcha of ', comment(line), ' again'],
  'ban.add': ({ detail }) => [`set a ban that goes by ${KIND[/** @type {keyof typeof KIND} */ (detail.kind)] ?? detail.kind} and ${MODE[/** @type {keyof typeof MODE} */ (detail.mode)] ?? detail.mode}`, where(detail.site)],
  'ban.remove': ({ detail }) => [`ended a ban that went by ${KIND[/** @type {keyof typeof KIND} */ (detail.kind)] ?? detail.kind}`, where(detail.site)],
  'page.change': ({ subject, detail }) => [pageVerb(detail), ' ', { text: subject, to: { page: subject, site: detail.site ?? '' } }],
  'attack.begin': ({ detail }) => ['began to hold everything on ', held(detail), CAUSE[/** @type {keyof typeof CAUSE} */ (detail.cause)] ?? ''],
  'attack.set': ({ detail }) => ['held everything on ', held(detail), detail.until ? ` until ${moment(detail.until)}` : ''],
  'attack.end': ({ detail }) => ['stopped holding everything on ', held(detail)],
  'moderator.add': (line) => ['added ', person(line), ` as ${ROLES[line.detail.role]?.toLowerCase() ?? line.detail.role} of ${sitesOf(line.detail.sites)}`],
  'moderator.remove': (line) => ['removed ', person(line)],
  'moderator.change': (line) => ['changed ', person(line), line.detail.email === true ? ': another email address' : ''],
  'moderator.password': (line) => [...(isOwn(line) ? ['changed their password'] : ['gave ', person(line), ' another password']), signedOut(line.detail.sessions_ended)],
  'moderator.invite': (line) => ['invited ', person(line), ' by a link', line.detail.expires_at ? ` that holds until ${moment(line.detail.expires_at)}` : '', signedOut(line.detail.sessions_ended)],
  'moderator.join': () => ['accepted the invitation'],
  'moderator.second_factor_on': () => ['set up a second factor'],
  'moderator.second_factor_off': (line) => (isOwn(line) ? ['ended their second factor'] : ['switched off the second factor of ', person(line)]),
  'moderator.recovery_code': ({ detail }) => [`signed in by a recovery code, ${count(Number(detail.left ?? 0))} left`],
  'session.open': ({ detail }) => [detail.second_factor ? 'signed in with a second factor' : 'signed in'],
  'session.close': () => ['signed out'],
  'session.end': (line) => [`ended ${plural(Number(line.detail.count ?? 1), 'session')}`, ...(isOwn(line) ? [' of their own'] : [' of ', person(line)])],
  'session.fail': (line) => ['turned down a sign-in as ', person(line), line.detail.reason ? ` (${String(line.detail.reason).replaceAll('_', ' ')})` : ''],
  'token.add': ({ subject, detail }) => ['made the API token ', { strong: subject }, ` that may: ${SCOPES[detail.scope]?.toLowerCase() ?? detail.scope}`],
  'token.revoke': ({ subject }) => ['revoked the API token ', { strong: subject }],
  'settings.reload': ({ detail }) => [`took new settings into force: ${plural((detail.changes ?? []).length, 'change')}`, (detail.needs_restart ?? []).length > 0 ? `; ${detail.needs_restart.join(', ')} at the next start` : ''],
  'model.rollback': ({ subject, detail }) => ['rolled the learning of ', { strong: subject }, ' back', detail.undone ? `, which undid ${plural(Number(detail.undone), 'lesson')}` : ''],
};

/** @param {Record<string, any>} detail */
function pageVerb({ before = {}, after = {} }) {
  const changed = Object.keys(after);
  if (changed.length === 1 && 'closed' in after) return after.closed ? 'closed' : 'opened';
  return `changed ${changed.map((name) => ({ closed: 'whether it is closed', title: 'the title', mode: 'the mode' })[name] ?? name).join(' and ') || Object.keys(before).join(' and ')} of`;
}

/** What was and what is, where the line tells. @param {Line} line */
function changesOf({ action, detail }) {
  if (action === 'settings.reload') return (detail.changes ?? []).map((/** @type {any} */ { key, before, after }) => change(key, before, after));
  if (action === 'page.change') return Object.keys(detail.after ?? {}).filter((name) => name !== 'closed' || Object.keys(detail.after).length > 1).map((name) => change(name, term(name, detail.before?.[name]), term(name, detail.after[name])));
  if (action === 'moderator.change') return ['role', 'sites'].filter((name) => detail[name]).map((name) => change(name, term(name, detail[name].from), term(name, detail[name].to)));
  return [];
}

/** @param {string} name @param {unknown} before @param {unknown} after */
const change = (name, before, after) => ({ name, before: value(before), after: value(after) });
/** @param {string} name @param {any} given */
function term(name, given) {
  if (name === 'mode') return given === null ? 'as on the site' : (MODES[given] ?? given);
  if (name === 'role') return ROLES[given] ?? given;
  if (name === 'sites') return sitesOf(given);
  if (name === 'closed') return given ? 'closed' : 'open';
  return given;
}
/** @param {unknown} given */
function value(given) {
  if (given === null || given === undefined || given === '') return 'nothing';
  return typeof given === 'object' ? JSON.stringify(given) : String(given);
}

// Who is signed in, and how a session that ended begins again over the page. The forms themselves are loaded
// when they are needed.

/** @import { Api } from './api.js' */
/** @import { Session } from './types.js' */

import { Problem } from './api.js';

/** The session of this browser; null where nobody is signed in. @param {Api} api @returns {Promise<Session | null>} */
export async function current(api) {
  try {
    return await api.get('/session', {}, { quiet: true });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/**
 * Asks for the password over the page whenever a session has ended. All calls that met the end wait for the one
 * dialog. Somebody else who signs in there gets a page of their own.
 * @param {Api} api @param {() => Session} who @param {(session: Session) => void} begun
 */
export function renewOver(api, who, begun) {
  /** @type {Promise<void> | null} */
  let asking = null;
  const ask = async () => {
    const { signInOver } = await import('./signin.js');
    const session = await signInOver(api, who().username);
    if (session.username !== who().username) location.reload();
    begun(session);
  };
  api.onExpired = () => (asking ??= ask().finally(() => (asking = null)));
}

/** @param {Api} api */
export async function signOut(api) {
  try {
    await api.delete('/session', undefined, { quiet: true });
  } catch (error) {
    // Ended already is as good.
    if (!(error instanceof Problem && error.status === 401)) throw error;
  }
  location.replace('/desk');
}

// For the form that the server writes when one could not be sent without scripts: from here on it is sent like the widget's.

import { Api } from './embed/api.js';
import { h } from './embed/dom.js';
import { CommentForm } from './embed/form.js';
import { PLACES } from './embed/places.js';
import { loadTexts } from './embed/texts.js';

/** The page has done its work, and says so. @param {HTMLElement} sheet @param {string} message @param {string} back empty: as the link says now */
function finish(sheet, message, back) {
  const told = h('h1', { tabindex: -1 }, message);
  const link = sheet.querySelector('.kept a');
  if (link && back) link.textContent = back;
  sheet.replaceChildren(told, ...(link ? [link] : []));
  document.title = message;
  told.focus();
}

/** @param {HTMLFormElement} form */
async function takeForm(form) {
  const sheet = /** @type {HTMLElement} */ (form.closest('.sheet') ?? form);
  const hidden = (/** @type {string} */ name) => new FormData(form).get(name)?.toString() ?? '';
  const { lang } = document.documentElement;
  const texts = await loadTexts(lang);
  new CommentForm({
    host: form,
    form,
    texts,
    api: new Api(PLACES.home, texts.lang),
    page: hidden('page'),
    title: hidden('title'),
    on: { sent: ({ message }) => finish(sheet, message, hidden('view') ? '' : texts.say('form.back')) },
  });
  // What the server said about the last try is over with the next.
  form.addEventListener('replydesk:submit', () => sheet.querySelector(':scope > .summary')?.remove());
}

const written = document.getElementById('comment-form');
// Without the words of the widget it posts as it is.
if (written instanceof HTMLFormElement) takeForm(written).catch(() => {});

// What is said, in the language of the article: texts with their plural forms, numbers and times.

import { PLACES } from './places.js';

/** The languages there is a catalogue in. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'ru', 'zh', 'ar'];

/** @typedef {Record<string, string | Record<string, string>>} Catalogue text, or texts by plural category */

export class Texts {
  #words;
  #plurals;
  #numbers;
  #moments;

  /** @param {string} lang one of the eight @param {Catalogue} words */
  constructor(lang, words) {
    this.lang = lang;
    this.dir = lang === 'ar' ? 'rtl' : 'ltr';
    this.#words = words;
    this.#plurals = new Intl.PluralRules(lang);
    this.#numbers = new Intl.NumberFormat(lang);
    this.#moments = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' });
  }

  /** The text of this key; where it counts, in the form that fits `values.n`. @param {string} key @param {Record<string, string | number>} [values] */
  say(key, values = {}) {
    const found = this.#words[key] ?? key;
    const text = typeof found === 'string' ? found : found[this.#plurals.select(Number(values.n))] ?? found.other ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name] ?? whole;
      if (typeof value === 'number') return this.number(value);
      // A name written from left to right must not turn the sentence around it.
      return this.dir === 'rtl' ? `\u2068${value}\u2069` : value;
    });
  }

  /** @param {number} n */
  number(n) {
    return this.#numbers.format(n);
  }

  /** Day and time. @param {string} iso */
  moment(iso) {
    return this.#moments.format(new Date(iso));
  }
}

/** @type {Map<string, Promise<Texts>>} */
const asked = new Map();

/** The first of these languages that there is a catalogue in, else English. @param {(string | null | undefined)[]} wishes BCP 47, such as `de-AT` */
export function languageOf(wishes) {
  const known = (/** @type {string | null | undefined} */ wish) => LANGUAGES.find((lang) => wish?.toLowerCase().split(/[-_]/)[0] === lang);
  return wishes.map(known).find(Boolean) ?? 'en';
}

/**
 * The texts in the first of these languages that there is a catalogue in, else in English.
 * @param {...(string | null | undefined)} wishes
 * @returns {Promise<Texts>} rejects where it cannot be fetched; asking again fetches again
 */
export function loadTexts(...wishes) {
  const lang = languageOf(wishes);
  const texts = asked.get(lang) ?? fetchTexts(lang);
  asked.set(lang, texts);
  texts.catch(() => asked.delete(lang));
  return texts;
}

/** @param {string} lang */
async function fetchTexts(lang) {
  const answer = await fetch(PLACES.texts(lang), { credentials: 'omit' });
  if (!answer.ok) throw new Error(`texts: ${answer.status}`);
  return new Texts(lang, await answer.json());
}

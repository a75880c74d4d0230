// Drawing by hand: nodes of SVG, fills that differ in pattern as well as in colour, and drawings that fit the width
// they are given. Colours are the style sheet's.

import { h, put } from '../../dom.js';

/** @import { Child } from '../../dom.js' */
/** @typedef {'solid' | 'dots' | 'hatch' | 'lines' | 'cross'} Fill */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} tag @param {Record<string, string | number | null | undefined>} [props] @param {...Child} children */
export function s(tag, props, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props ?? {})) if (value !== null && value !== undefined) made.setAttribute(name, String(value));
  put(made, children);
  return made;
}

/** A mark in a fill: what makes it, the class for its edge. @param {Fill} fill */
export const filled = (fill) => ({ class: `mark ${fill}`, fill: `url(#fill-${fill})` });

/** The fills, once on a page that draws with them. */
export function fills() {
  const pattern = (/** @type {Fill} */ name, /** @type {number} */ size, /** @type {string | null} */ turn, /** @type {SVGElement[]} */ ...marks) =>
    s('pattern', { id: `fill-${name}`, width: size, height: size, patternUnits: 'userSpaceOnUse', patternTransform: turn, class: `fill ${name}` }, s('rect', { class: 'ground', width: size, height: size }), marks);
  const line = (/** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2) => s('line', { x1, y1, x2, y2 });
  return s(
    'svg',
    { class: 'fills', width: 0, height: 0, 'aria-hidden': 'true', focusable: 'false' },
    s(
      'defs',
      {},
      pattern('solid', 4, null),
      pattern('dots', 5, null, s('circle', { cx: 1.5, cy: 1.5, r: 1.1 }), s('circle', { cx: 4, cy: 4, r: 1.1 })),
      pattern('hatch', 6, 'rotate(45)', line(1.5, 0, 1.5, 6)),
      pattern('lines', 4, null, line(0, 1, 4, 1)),
      pattern('cross', 6, 'rotate(45)', line(1, 0, 1, 6), line(0, 1, 6, 1)),
    ),
  );
}

/** The key to a fill. @param {Fill} fill */
export function swatch(fill) {
  return s('svg', { class: 'swatch', width: 16, height: 12, 'aria-hidden': 'true', focusable: 'false' }, s('rect', { ...filled(fill), x: 0.5, y: 0.5, width: 15, height: 11 }));
}

/** @param {{label: string, fill: Fill}[]} series */
export function legend(series) {
  return h('ul', { class: 'legend' }, series.map(({ label, fill }) => h('li', null, swatch(fill), label)));
}

/**
 * A drawing that is made anew whenever it is given another width.
 * @param {{label: string, height: number, draw: (width: number) => Child}} options `label` says it to whoever does not see it
 */
export function drawing({ label, height, draw }) {
  const svg = s('svg', { class: 'drawing', role: 'img', 'aria-label': label, height, width: '100%', focusable: 'false' });
  let drawn = 0;
  const redraw = () => {
    if (drawn <= 0) return;
    svg.setAttribute('viewBox', `0 0 ${drawn} ${height}`);
    svg.replaceChildren();
    put(svg, [draw(drawn)]);
  };
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === drawn) return;
    drawn = width;
    redraw();
  }).observe(svg);
  return { svg, redraw };
}

/** Round steps from 0 to at least the most there is, four at most. @param {number} most @returns {number[]} */
export function steps(most) {
  if (most <= 0) return [0, 1];
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power);
  const all = [0];
  while ((all.at(-1) ?? 0) < most) all.push((all.at(-1) ?? 0) + step);
  return all;
}

// One threshold to take hold of: by pointer, finger or keyboard, a slider to whoever does not see it.

import { h } from '../../dom.js';
import { shown } from './proposal.js';

/** @import { Dial } from './proposal.js' */

const STEP = 0.01;
const LEAP = 0.1;

/**
 * @typedef {{dial: Dial, place: 'upper' | 'lower', at: () => number, bounds: () => {min: number, max: number}, valueAt: (clientX: number) => number, move: (value: number) => void}} HandleOptions
 *   `valueAt` tells which value lies under a place on the screen
 */

/** @param {HandleOptions} options */
export function handle({ dial, place, at, bounds, valueAt, move }) {
  const grip = h('span', { class: 'grip' });
  const element = h('div', { class: `handle ${place}`, role: 'slider', tabindex: '0', 'aria-label': dial.label, 'aria-orientation': 'horizontal', dataset: { threshold: dial.name } }, h('span', { class: 'handle-line' }), grip);
  let apart = 0;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    apart = at() - valueAt(event.clientX);
  });
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) move(Math.round((valueAt(event.clientX) + apart) / STEP) * STEP);
  });
  element.addEventListener('keydown', (event) => {
    const wanted = byKey(event, at(), bounds());
    if (wanted === null) return;
    event.preventDefault();
    event.stopPropagation();
    move(wanted);
  });
  /** @param {number} x in pixels from the left of the plot */
  const show = (x) => {
    const { min, max } = bounds();
    const value = shown(at());
    element.style.setProperty('--x', `${x}px`);
    grip.textContent = value;
    for (const [name, told] of Object.entries({ valuemin: min, valuemax: max, valuenow: at(), valuetext: dial.means(value) })) element.setAttribute(`aria-${name}`, String(told));
  };
  return { element, show };
}

/** @param {KeyboardEvent} event @param {number} now @param {{min: number, max: number}} bounds */
function byKey({ key, ctrlKey, metaKey, altKey }, now, { min, max }) {
  if (ctrlKey || metaKey || altKey) return null;
  switch (key) {
    case 'ArrowRight': case 'ArrowUp': return now + STEP;
    case 'ArrowLeft': case 'ArrowDown': return now - STEP;
    case 'PageUp': return now + LEAP;
    case 'PageDown': return now - LEAP;
    case 'Home': return min;
    case 'End': return max;
    default: return null;
  }
}

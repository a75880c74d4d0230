// What a form needs once somebody writes in it, under one address: the solver, what renews its tokens, how the form was used.

export { Check } from './challenge.js';
export { lifetime, prove, search, shareCount } from './prove.js';
export { signalsOf } from './signals.js';

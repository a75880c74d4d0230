// Where the widget begins: what a page gets with one line.

import { PLACES } from './places.js';

/** The element's own children stay as they are. */
export class ReplyDesk extends HTMLElement {
  connectedCallback() {
    this.dataset.home = PLACES.home;
  }
}

if (!customElements.get('reply-desk')) customElements.define('reply-desk', ReplyDesk);

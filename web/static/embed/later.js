// What is loaded only when somebody acts.

/** Nothing yet has been asked for. */
export const later = {};

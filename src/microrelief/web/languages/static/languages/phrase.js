"use strict";
// What our scripts say: the English text, or what the language's words (de.js ...) have for it; gaps are filled.
const phrase = (text, gaps = {}) =>
  (window.words?.[text] ?? text).replace(/\{(\w+)\}/g, (gap, name) => String(gaps[name] ?? gap));

window.words = {};

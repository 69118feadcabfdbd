const encoder = new TextEncoder();

/** The most bytes of UTF-8 that a name and its description may have together. */
export const mostBytes = 191;

/** Returns a text's length in bytes of UTF-8. */
export const bytes = (text: string): number => encoder.encode(text).length;

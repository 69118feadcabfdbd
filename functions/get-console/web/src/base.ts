// Where the console and its API are. The entry's <base> points to the folder
// /console/ behind any stage, domain and base path.

/** The path of the console's folder, with a slash at its end. */
export const base = new URL('.', document.baseURI).pathname;

/** The URL of the API, without a slash at its end. */
export const apiURL = new URL('..', document.baseURI).href.replace(/\/$/, '');

/** Returns the path of one of the console's pages, such as 'keys'. */
export const to = (page: string): string => base + page;

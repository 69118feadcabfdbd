// A spreadsheet runs what begins with one of these.
const risky = /^[=+\-@\t\r]/;

/** Returns one cell. A text that a spreadsheet would run begins with a quote. */
export function cell(text: string): string {
  const safe = risky.test(text.trimStart()) || risky.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** Returns rows as CSV (RFC 4180). */
export const csv = (rows: string[][]): string => rows.map((row) => row.map(cell).join(',') + '\r\n').join('');

// A spreadsheet runs a cell that begins with one of these, after any space or quote.
// Where it cuts lines at semicolons or tabs, each part of a text is a cell.
const risky = /(^|[;,\t\r\n|])(?=[\s"]*[=+\-@＝＋－＠])/g;

/** Returns one cell. What a spreadsheet would run begins with an apostrophe. */
export function cell(text: string): string {
  return `"${text.replace(risky, "$1'").replaceAll('"', '""')}"`;
}

/** Returns rows as CSV (RFC 4180). */
export const csv = (rows: string[][]): string => rows.map((row) => row.map(cell).join(',') + '\r\n').join('');

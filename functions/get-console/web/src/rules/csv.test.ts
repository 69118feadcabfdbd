import { expect, test } from 'vitest';
import { cell, csv } from './csv';

test('no cell is run by a spreadsheet, or breaks out of its row', () => {
  expect(cell('=HYPERLINK("http://evil")')).toBe('"\'=HYPERLINK(""http://evil"")"');
  for (const text of ['+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1']) expect(cell(text).startsWith('"\''), text).toBe(true);
  expect(cell('a,b\n"c"')).toBe('"a,b\n""c"""');
  expect(csv([['a', 'b'], ['1', '2']])).toBe('"a","b"\r\n"1","2"\r\n');
});

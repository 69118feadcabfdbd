import { expect, test } from 'vitest';
import { cell, csv } from './csv';

test('no cell is run by a spreadsheet, or breaks out of its row', () => {
  expect(cell('=HYPERLINK("http://evil")')).toBe('"\'=HYPERLINK(""http://evil"")"');
  for (const text of ['+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠A1']) expect(cell(text).startsWith('"\''), text).toBe(true);
  expect(cell('a,b\n"c"')).toBe('"a,b\n""c"""');
  expect(csv([['a', 'b'], ['1', '2']])).toBe('"a","b"\r\n"1","2"\r\n');
});

// In many countries a spreadsheet cuts cells at semicolons or tabs, in spite of the quotes.
test('no part of a cell is run where another sign separates cells', () => {
  expect(cell('a;=1+1;b')).toBe('"a;\'=1+1;b"');
  expect(cell('a;"=1')).toBe('"a;\'""=1"');
  expect(cell('a\t @A1')).toBe('"a\t\' @A1"');
  expect(cell('a\n-1')).toBe('"a\n\'-1"');
  expect(cell('Mozilla/5.0 (X11; Linux; -)')).toBe('"Mozilla/5.0 (X11; Linux;\' -)"');
  expect(cell('name: a -> b')).toBe('"name: a -> b"');
});

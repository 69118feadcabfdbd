import { expect, test } from 'vitest';
import { addressesIn, addressFaults } from './addresses';

test('addresses and ranges are told from what only looks like them', () => {
  for (const good of ['192.0.2.1', '192.0.2.0/24', '0.0.0.0/0', '::1', '2001:db8::/32', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8', '::', '1::8']) {
    expect(addressFaults(good), good).toEqual([]);
  }
  for (const bad of ['192.0.2', '192.0.2.256', '192.0.02.1', '10.0.0.0/08', '192.0.2.1/33', '192.0.2.1/24', '1::2::3', '1:2:3', '12345::', 'example.com', '2001:db8::1/32', '1:2:3:4:5:6:7:8::', '::/129', '1.2.3.4/']) {
    expect(addressFaults(bad), bad).toHaveLength(1);
  }
});

test('addresses stand one a line, or with commas or spaces between', () => {
  expect(addressesIn(' 192.0.2.1,\n::1  10.0.0.0/8\n')).toEqual(['192.0.2.1', '::1', '10.0.0.0/8']);
});

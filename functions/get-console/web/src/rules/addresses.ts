// Checks of addresses as they are typed. The API decides; this says sooner what it
// will say.

/** Returns what is wrong with each line that is no address or range. */
export function addressFaults(text: string): string[] {
  return addressesIn(text).map(fault).filter((said) => said !== '');
}

/** Returns the addresses of a text, one a line or with commas between. */
export const addressesIn = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

function fault(text: string): string {
  const [address = '', length, ...rest] = text.split('/');
  const bits = ipv4(address) ?? ipv6(address);
  if (bits === undefined || rest.length > 0) return `${text} is not an IP address or range`;
  if (length === undefined) return '';
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits.length) return `${text}: the length after / is 0 to ${bits.length}`;
  return bits.slice(Number(length)).includes('1') ? `${text} has bits beyond its range: write the range’s first address` : '';
}

const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0');

function ipv4(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.map((part) => binary(Number(part), 8)).join('');
}

function ipv6(text: string): string | undefined {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return undefined;
  const [head, tail] = halves.map(groups);
  if (head === undefined || halves.length === 2 && tail === undefined) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<number>(halves.length === 2 ? missing : 0).fill(0), ...(tail ?? [])].map((group) => binary(group, 16)).join('');
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const all: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const embedded = i === parts.length - 1 ? ipv4(part) : undefined;
    if (embedded) all.push(parseInt(embedded.slice(0, 16), 2), parseInt(embedded.slice(16), 2));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) all.push(parseInt(part, 16));
    else return undefined;
  }
  return all;
}

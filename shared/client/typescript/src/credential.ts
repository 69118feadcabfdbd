/** Returns the key in the values of the Authorization header, or undefined. There must
 * be exactly one value: Bearer KEY, Basic KEY or Basic base64(KEY:), with the scheme in
 * any case. */
export function keyIn(values: readonly string[]): string | undefined {
  const [, scheme, text = ''] = (values.length === 1 && /^(Bearer|Basic) (.{1,200})$/i.exec(values[0] ?? '')) || [];
  const name = scheme?.toLowerCase() === 'basic' ? decoded(text) : '';
  return [text, name.endsWith(':') ? name.slice(0, -1) : ''].find(isKey);
}

// A prefix of 2 to 16 characters, an underscore, and 66 characters.
const form = /^(?=.{69,83}$)[a-z][a-z0-9]*(_[a-z0-9]+)?_[0-9A-Za-z]{66}$/;

/** Reports whether a text has the form of a key, and ends with the CRC-32 of the rest, in
 * base 62. Asking about anything else would only help a flood. */
export function isKey(text: string): boolean {
  if (!form.test(text)) return false;
  let crc = -1, sum = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (i < text.length - 6) {
      crc ^= code;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320);
    } else {
      sum = sum * 62 + code - (code > 96 ? 61 : code > 64 ? 55 : 48);
    }
  }
  return ~crc >>> 0 === sum;
}

/** Decodes base64 that has its one canonical spelling; anything else is ''. */
function decoded(text: string): string {
  try {
    const plain = atob(text);
    return btoa(plain) === text ? plain : '';
  } catch {
    return '';
  }
}

/** Returns the values of the Authorization header among the raw ones of node:http,
 * which otherwise drops all but the first. */
export function authorizationOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'authorization');
}

/** Returns the address of a socket as Keyward takes it: without a zone. */
export const addressOf = (remote: string | undefined): string | undefined => remote?.replace(/%.*$/, '');

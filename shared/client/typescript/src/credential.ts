/** Returns the key in the values of the Authorization header, or undefined. There must
 * be exactly one value: Bearer KEY, Basic KEY or Basic base64(KEY:), with the scheme in
 * any case. */
export function keyIn(values: readonly string[]): string | undefined {
  const [, scheme, text = ''] = (values.length === 1 && /^(Bearer|Basic) (.{1,200})$/i.exec(values[0] ?? '')) || [];
  if (form.test(text)) return text;
  const name = scheme?.toLowerCase() === 'basic' ? decoded(text) : '';
  return name.endsWith(':') && form.test(name.slice(0, -1)) ? name.slice(0, -1) : undefined;
}

// Whatever has another form is no key: to ask about it would help a flood.
const form = /^[a-z][a-z0-9]{1,7}_[0-9A-Za-z]{66}$/;

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

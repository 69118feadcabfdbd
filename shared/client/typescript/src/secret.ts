const hidden = '[redacted]';

/** The text of a key. Only reveal() returns it: logs, strings and JSON get "[redacted]". */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Throws if an answer repeats one of over ten minutes ago, which has no text. */
  reveal(): string {
    if (this.#text === '') throw new Error('The text of this key cannot be had again: rotate it.');
    return this.#text;
  }

  toString(): string { return hidden; }
  toJSON(): string { return hidden; }
  [Symbol.toPrimitive](): string { return hidden; }
  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string { return hidden; }
  /** @internal */
  [Symbol.for('Deno.customInspect')](): string { return hidden; }
}

/** Returns the text of a key that is given either way.
 * @internal */
export const textOf = (key: string | Secret): string => (typeof key === 'string' ? key : key.reveal());

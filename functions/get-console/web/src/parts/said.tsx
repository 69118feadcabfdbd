import { signal } from '@preact/signals';

const text = signal('');
let timer = 0;

/** Says what was done, to eyes and to assistive technology, for a while. */
export function say(what: string): void {
  clearTimeout(timer);
  text.value = '';
  // The same words twice are news as well.
  setTimeout(() => { text.value = what; }, 30);
  timer = setTimeout(() => { text.value = ''; }, 8000);
}

export function Said() {
  return <div class="said" role="status" aria-live="polite">{text.value}</div>;
}

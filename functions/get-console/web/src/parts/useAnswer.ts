import { useEffect, useState } from 'preact/hooks';
import { generation, signedIn } from '../session';

export interface Loaded<T> {
  value?: T;
  error?: unknown;
  loading: boolean;
  reload: () => void;
}

/** Reads something, again when what it depends on changes and when somebody signs
 * in again. Meanwhile, what was read before stays. */
export function useAnswer<T>(read: (signal: AbortSignal) => Promise<T>, depends: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: unknown; loading: boolean }>({ loading: true });
  const [again, setAgain] = useState(0);
  const session = generation.value;
  useEffect(() => {
    if (!signedIn.value) return;
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    read(abort.signal).then(
      (value) => setState({ value, loading: false }),
      (error) => { if (!abort.signal.aborted) setState((before) => ({ value: before.value, error, loading: false })); },
    );
    return () => abort.abort();
  }, [...depends, again, session]);
  return { ...state, reload: () => setAgain((n) => n + 1) };
}

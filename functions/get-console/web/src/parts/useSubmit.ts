import { KeywardError } from '../api/client';
import { useState } from 'preact/hooks';

export interface Submission {
  busy: boolean;
  error: unknown;
  /** Does the work unless it is being done already. */
  run: (work: () => Promise<void>) => Promise<void>;
  /** What the API said about a field, or ''. */
  fault: (field: string) => string;
  clear: () => void;
}

/** Runs what a form does, once at a time, and keeps what went wrong. */
export function useSubmit(): Submission {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  return {
    busy, error,
    run: async (work) => {
      if (busy) return;
      setBusy(true);
      setError(undefined);
      try {
        await work();
      } catch (caught) {
        setError(caught);
      }
      setBusy(false);
    },
    fault: (field) => (error instanceof KeywardError ? error.field(field) : ''),
    clear: () => setError(undefined),
  };
}

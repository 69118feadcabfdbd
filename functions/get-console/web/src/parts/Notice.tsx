import type { ComponentChildren } from 'preact';
import { KeywardError } from '../api/client';
import { explain } from '../api/fault';

/** Says that something failed, what to do, and the id to find it by. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const { title, advice } = explain(error);
  const id = error instanceof KeywardError ? error.problem.requestId : undefined;
  const fields = error instanceof KeywardError ? error.problem.errors ?? [] : [];
  return (
    <div class="notice bad" role="alert">
      <div>
        <strong>{title}{advice && '.'}</strong>{advice && <> <span>{advice}</span></>}
        {fields.map(({ field, detail }) => <div key={field} class="small">{detail.startsWith(field) ? detail : `${field}: ${detail}`}</div>)}
        {id && <div class="small soft">Request {id}</div>}
      </div>
      {onRetry && <button type="button" onClick={onRetry}>Try again</button>}
    </div>
  );
}

export function Notice({ tone, children }: { tone?: 'warn' | 'bad'; children: ComponentChildren }) {
  return <div class={`notice ${tone ?? ''}`}><div>{children}</div></div>;
}

/** Stands where a list would be. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><strong>{title}</strong>{children}</div>;
}

/** Stands where something will be, in as many lines. */
export function Waiting({ lines = 3, what = 'Loading' }: { lines?: number; what?: string }) {
  const widths = ['w60', 'w90', 'w40'];
  return (
    <div class="stack" role="status">
      <span class="sr">{what}…</span>
      {Array.from({ length: lines }, (_, i) => <div key={i} class={`ghost ${widths[i % 3]}`} />)}
    </div>
  );
}

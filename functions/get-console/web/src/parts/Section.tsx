import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  title: string;
  hint?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A part of a page, with its heading. */
export function Section({ title, hint, actions, children }: Props) {
  const id = useId();
  return (
    <section class="stack part" aria-labelledby={id}>
      <div class="spread">
        <div><h2 id={id}>{title}</h2>{hint && <p class="soft small">{hint}</p>}</div>
        {actions}
      </div>
      {children}
    </section>
  );
}

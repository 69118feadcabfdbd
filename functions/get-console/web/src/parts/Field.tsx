import { cloneElement, type ComponentChildren, type VNode } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  label: string;
  hint?: ComponentChildren;
  fault?: string | undefined;
  wide?: boolean;
  /** The one control. It gets its id and its descriptions here. */
  children: VNode<any>;
}

/** A control with its label, what helps, and what is wrong. */
export function Field({ label, hint, fault, wide, children }: Props) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', fault ? `${id}-fault` : ''].filter(Boolean).join(' ');
  return (
    <div class={wide ? 'field wide' : 'field'}>
      <label for={id}>{label}</label>
      {cloneElement(children, { id, 'aria-describedby': described || undefined, 'aria-invalid': fault ? 'true' : undefined })}
      {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
      {fault && <span class="fault" id={`${id}-fault`} role="alert">{fault}</span>}
    </div>
  );
}

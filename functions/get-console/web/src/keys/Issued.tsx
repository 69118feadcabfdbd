import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiURL } from '../base';
import { Dialog } from '../parts/Dialog';
import { Notice } from '../parts/Notice';
import { identity } from '../session';

interface Secret {
  title: string;
  name: string;
  text: string;
  /** It can be shown again. */
  again?: boolean;
}

const shown = signal<Secret & { to: string } | null>(null);

/** Shows the text of a key, above every page: going to another does not close it.
 * Nobody else who signs in sees it. */
export function issue(secret: Secret): void {
  shown.value = { ...secret, to: identity() };
}

/** The dialog with a key's text. It asks before it closes if nothing was copied. */
export function Issued() {
  const secret = shown.value;
  return secret?.to === identity() && <Reveal key={secret.text} secret={secret} onClose={() => { shown.value = null; }} />;
}

function Reveal({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const [visible, setVisible] = useState(false);
  const [copied, setCopied] = useState(secret.again ?? false);
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState(false);
  const [done, setDone] = useState('');
  const text = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const line = `curl --user '${secret.text}:' ${apiURL}/v1/whoami`;
  useEffect(() => { button.current?.focus(); }, []);
  useEffect(() => {
    if (copied) return;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', stay);
    return () => removeEventListener('beforeunload', stay);
  }, [copied]);
  const copy = async (what: string, said: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(what);
      setCopied(true);
      setAsking(false);
      setRefused(false);
      setDone(said);
    } catch {
      setRefused(true);
      setVisible(true);
      setTimeout(() => text.current?.select(), 0);
    }
  };
  const close = (): void => { if (copied) onClose(); else setAsking(true); };
  return (
    <Dialog title={secret.title} onClose={close}>
      <p>{secret.again ? <>This is the text of <b class="name">{secret.name}</b>. That you saw it is recorded.</> : <>Copy the key of <b class="name">{secret.name}</b> now. It cannot be shown again.</>}</p>
      <div class="secret">
        <input ref={text} readOnly aria-label="API key" type={(visible ? 'text' : 'password') as 'text'} value={secret.text} autocomplete="off" onCopy={() => setCopied(true)} onFocus={(event) => { if (visible) event.currentTarget.select(); }} />
        <button type="button" aria-pressed={visible} onClick={() => setVisible(!visible)}>{visible ? 'Hide' : 'Show'}</button>
        <button ref={button} type="button" class="primary" onClick={() => void copy(secret.text, 'The key is copied')}>Copy</button>
      </div>
      <p class="small good" role="status">{done}</p>
      {refused && <div role="alert"><Notice tone="warn"><strong>The browser refused to copy.</strong> The key is selected: copy it with your keyboard.</Notice></div>}
      <div class="tight">
        <div class="spread"><h3>Try it</h3><button type="button" class="link small" onClick={() => void copy(line, 'The command is copied')}>Copy command</button></div>
        <pre>{visible ? line : line.replace(secret.text, '•'.repeat(12))}</pre>
      </div>
      {asking && <div class="notice warn" role="alert"><div><strong>Nothing was copied.</strong> Without its text, the key is of no use.</div><button type="button" onClick={onClose}>Close all the same</button></div>}
      <div class="actions"><button type="button" onClick={close}>Done</button></div>
    </Dialog>
  );
}

import { send } from '../api/client';
import { Confirm } from '../parts/Confirm';
import { say } from '../parts/said';
import { When } from '../parts/When';
import { called } from '../rules/keys';
import type { ActionProps } from './actions';
import { issue } from './Issued';

/** Asks before a key is deleted. */
export function Remove({ of, onClose, onDone }: ActionProps) {
  const act = async (): Promise<void> => {
    await send('DELETE', `/v1/apikeys/${of.id}`);
    say('The key is deleted');
    onDone();
  };
  return (
    <Confirm title={`Delete ${called(of)}`} verb="Delete key" busy="Deleting…" grave typed={called(of)} act={act} onClose={onClose}>
      <p>Programs that use it are refused within seconds.{of.lastUsedOn ? <> It was last used <When at={of.lastUsedOn} />.</> : ' It was never used.'}</p>
      <p class="soft">While your organization keeps deleted keys, it can be restored.</p>
    </Confirm>
  );
}

/** Asks before a key is disabled or enabled. */
export function Switch({ of, onClose, onDone }: ActionProps) {
  const off = of.enabled === false;
  const act = async (): Promise<void> => {
    await send('PATCH', `/v1/apikeys/${of.id}`, { body: { enabled: off } });
    say(off ? 'The key is enabled' : 'The key is disabled');
    onDone();
  };
  return (
    <Confirm title={`${off ? 'Enable' : 'Disable'} ${called(of)}`} verb={off ? 'Enable' : 'Disable'} busy="Saving…" act={act} onClose={onClose}>
      {off ? <p>Programs that have it can use it again within seconds.</p> : <p>Programs that use it are refused within seconds, until it is enabled again.{of.lastUsedOn && <> It was last used <When at={of.lastUsedOn} />.</>}</p>}
    </Confirm>
  );
}

/** Asks before a deleted key comes back. */
export function Restore({ of, onClose, onDone }: ActionProps) {
  const act = async (): Promise<void> => {
    await send('POST', `/v1/apikeys/${of.id}/restore`);
    say('The key is restored, and disabled');
    onDone();
  };
  return (
    <Confirm title={`Restore ${called(of)}`} verb="Restore" busy="Restoring…" act={act} onClose={onClose}>
      <p>It comes back disabled, with the secret and the limits that it had.</p>
    </Confirm>
  );
}

/** Asks before the copy of a key is opened. */
export function Reveal({ of, onClose }: ActionProps) {
  const act = async (): Promise<void> => {
    const opened = await send<{ apiKey: string }>('POST', `/v1/apikeys/${of.id}/reveal`);
    onClose();
    issue({ title: 'API key', name: called(of), text: opened.value.apiKey, again: true });
  };
  return (
    <Confirm title={`Reveal ${called(of)}`} verb="Reveal" busy="Opening…" act={act} onClose={onClose}>
      <p>You will see the whole key. The audit trail records that you did.</p>
    </Confirm>
  );
}

/** Asks before the previous secret ends. */
export function EndPrevious({ of, onClose, onDone }: ActionProps) {
  const act = async (): Promise<void> => {
    await send('DELETE', `/v1/apikeys/${of.id}/secrets/previous`);
    say('The previous secret has ended');
    onDone();
  };
  return (
    <Confirm title="End the previous secret" verb="End it" busy="Ending…" grave act={act} onClose={onClose}>
      <p>Programs that still use the previous secret of <b class="name">{called(of)}</b> are refused within seconds.</p>
    </Confirm>
  );
}

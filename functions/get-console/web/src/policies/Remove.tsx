import { useState } from 'preact/hooks';
import { KeywardError, send } from '../api/client';
import { Confirm } from '../parts/Confirm';
import { Notice } from '../parts/Notice';
import { say } from '../parts/said';
import type { Policy } from './form';
import { Radius } from './Radius';

/** Asks before a policy is deleted, with all keys that have it. */
export function RemovePolicy({ of, onClose, onDone }: { of: Policy; onClose: () => void; onDone: () => void }) {
  const [confirm, setConfirm] = useState('');
  const act = async (): Promise<void> => {
    try {
      await send('DELETE', `/v1/policies/${of.id}`, { query: { confirm: confirm || undefined } });
    } catch (error) {
      // The API asks back what goes with it; the next request repeats its word.
      if (!(error instanceof KeywardError && error.problem.confirm && error.problem.confirm !== confirm)) throw error;
      if (of.keyCount === 0 || confirm !== '') {
        setConfirm(error.problem.confirm);
        throw new KeywardError(409, 'CHANGED', 'Its keys have changed meanwhile. Look at them again, then repeat.');
      }
      await send('DELETE', `/v1/policies/${of.id}`, { query: { confirm: error.problem.confirm } });
    }
    say('The policy is deleted');
    onDone();
  };
  return (
    <Confirm title={`Delete ${of.name}`} verb={of.keyCount > 0 ? 'Delete the policy and its keys' : 'Delete policy'} busy="Deleting…" grave typed={of.name} act={act} onClose={onClose}>
      {of.keyCount > 0
        ? <Notice tone="bad"><strong>{of.keyCount === 1 ? 'Its one key is deleted' : `Its ${of.keyCount} keys are deleted`} with it, permanently.</strong> Programs that use them are refused within seconds.<Radius policy={of.id} plain /></Notice>
        : <p>No key has it.</p>}
    </Confirm>
  );
}

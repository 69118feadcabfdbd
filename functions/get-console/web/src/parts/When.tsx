import { ago, day, exact } from '../rules/time';

interface Props {
  at: string | undefined;
  /** What stands for no time. */
  none?: string;
  /** Shows the day instead of how long ago. */
  asDay?: boolean;
}

/** A time in words. The exact one, in the reader's zone, is there on hover and for
 * assistive technology. */
export function When({ at, none = '', asDay }: Props) {
  if (!at) return <span class="soft">{none}</span>;
  const time = new Date(at);
  return (
    <time dateTime={at} title={exact(time)} class="nowrap">
      <span aria-hidden="true">{asDay ? day(time) : ago(time)}</span>
      <span class="sr">{exact(time)}</span>
    </time>
  );
}

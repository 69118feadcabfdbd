const paths = {
  close: 'M4 4l8 8m0-8l-8 8',
  more: 'M8 3.5h.01M8 8h.01M8 12.5h.01',
  good: 'M3 8.5l3.5 3.5L13 5',
  warn: 'M8 3v6m0 3.5h.01',
  stop: 'M3.5 8h9',
  clock: 'M8 4v4l2.5 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  up: 'M8 13V3m-4 4l4-4 4 4',
  down: 'M8 3v10m-4-4l4 4 4-4',
};

/** A small drawing beside words. It says nothing by itself. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width={name === 'more' ? 2.5 : 1.75} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

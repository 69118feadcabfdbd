interface Props {
  counts: number[];
  /** What the bars say, in words. */
  label: string;
}

const width = 2, gap = 1, height = 22;

/** A small bar chart. */
export function Bars({ counts, label }: Props) {
  const most = Math.max(1, ...counts);
  const all = counts.length * (width + gap) - gap;
  return (
    <svg class="bars" role="img" aria-label={label} width={all} height={height} viewBox={`0 0 ${all} ${height}`}>
      <title>{label}</title>
      {counts.map((n, i) => {
        const tall = n === 0 ? 1 : Math.max(2, (n / most) * height);
        return <rect key={i} class={n === 0 ? 'none' : undefined} x={i * (width + gap)} y={height - tall} width={width} height={tall} />;
      })}
    </svg>
  );
}

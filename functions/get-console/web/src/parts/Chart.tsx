interface Column {
  label: string;
  allowed: number;
  refused: number;
}

const height = 100, step = 12;

/** Requests by day as columns, and as a table for whoever does not see them. */
export function Chart({ columns }: { columns: Column[] }) {
  const most = Math.max(1, ...columns.map((column) => column.allowed + column.refused));
  const sum = (of: (column: Column) => number): string => columns.reduce((all, column) => all + of(column), 0).toLocaleString('en');
  return (
    <figure class="stack">
      <figcaption class="row">
        <span><b>{sum((column) => column.allowed)}</b> allowed</span>
        <span class="soft">·</span>
        <span><b>{sum((column) => column.refused)}</b> refused</span>
        <span class="soft small">at most {most.toLocaleString('en')} a day</span>
      </figcaption>
      <svg class="bars chart" aria-hidden="true" viewBox={`0 0 ${columns.length * step} ${height}`} preserveAspectRatio="none">
        {columns.map((column, i) => {
          const allowed = (column.allowed / most) * height, refused = (column.refused / most) * height;
          return (
            <g key={column.label}>
              <title>{`${column.label}: ${column.allowed} allowed, ${column.refused} refused`}</title>
              <rect class="none" x={i * step + 1} y={height - 1} width={step - 2} height={1} />
              <rect x={i * step + 1} y={height - allowed} width={step - 2} height={allowed} />
              <rect class="refused" x={i * step + 1} y={height - allowed - refused} width={step - 2} height={refused} />
            </g>
          );
        })}
      </svg>
      <div class="spread small soft" aria-hidden="true"><span>{columns[0]?.label}</span><span>{columns.at(-1)?.label}</span></div>
      <details class="small">
        <summary>As a table</summary>
        <table>
          <caption class="sr">Requests by day</caption>
          <thead><tr><th scope="col">Day</th><th scope="col" class="right">Allowed</th><th scope="col" class="right">Refused</th></tr></thead>
          <tbody>{columns.filter((column) => column.allowed + column.refused > 0).map((column) => <tr key={column.label}><td>{column.label}</td><td class="right">{column.allowed}</td><td class="right">{column.refused}</td></tr>)}</tbody>
        </table>
      </details>
    </figure>
  );
}

import type { Schemas } from './schema.js';

export type Problem = Schemas['Problem'];

export type FieldFault = Schemas['Fault'];

/** Why a request failed. */
export class KeywardError extends Error {
  override readonly name = 'KeywardError';
  /** HTTP status; 0 without a usable answer. */
  readonly status: number;
  /** Keyward's code. Without an answer NETWORK, TIMEOUT, CUT_OFF, TOO_LARGE or INSECURE_URL. */
  readonly code: string;
  readonly detail: string;
  readonly problem: Partial<Problem>;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string, problem: Partial<Problem> = {}, retryAfter?: number, cause?: unknown) {
    const faults = (problem.errors ?? []).map((fault) => fault.detail);
    super([code || (status > 0 && `HTTP ${status}`), detail, ...faults, problem.requestId && `(request ${problem.requestId})`].filter(Boolean).join(' '), { cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get title(): string { return this.problem.title ?? ''; }

  get errors(): FieldFault[] { return this.problem.errors ?? []; }

  get requestId(): string { return this.problem.requestId ?? ''; }

  /** Returns what is wrong with a field of the request, or ''. */
  field(name: string): string {
    return this.errors.find((fault) => fault.field === name || fault.field.startsWith(name + '['))?.detail ?? '';
  }
}

/** Returns the error that an answer stands for.
 * @internal */
export function refusal(response: Response, text: string): KeywardError {
  let problem: Partial<Problem> = {};
  try {
    const told = Object(JSON.parse(text)) as Partial<Problem>;
    if (isProblem(told)) problem = told;
  } catch { /* not Keyward's own answer */ }
  return new KeywardError(response.status, problem.code ?? '', problem.detail ?? '', problem, seconds(response.headers.get('Retry-After')));
}

/** Reports whether the members that an error shows are Keyward's. */
function isProblem({ code = '', detail = '', title = '', requestId = '', errors = [] }: Partial<Problem>): boolean {
  const texts = (...all: unknown[]): boolean => all.every((one) => typeof one === 'string');
  return texts(code, detail, title, requestId) && Array.isArray(errors) && errors.every((fault) => texts(fault.field, fault.detail));
}

/** Returns the value of a Retry-After header, which is a number of seconds or a date. */
function seconds(header: string | null): number | undefined {
  if (!header) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

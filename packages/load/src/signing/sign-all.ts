import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { CodedError } from "@sheaf/base";
import type { Plan } from "../plan.ts";
import type { Workload } from "../workloads/workload.ts";
import { jobSize, rawHex, type SignedJob, type SigningContext, type SignJob } from "./sign-job.ts";

/** Errors of signing. */
export type SigningErrorDetail =
  /** A signing thread ended though nobody asked. */
  { readonly code: "SIGNING_FAILED"; readonly reason: string };

/** All transactions of a plan, signed, in compact form: their raw bytes and two numbers each. */
export interface SignedTransactions {
  readonly length: number;
  /** Bytes of all raw transactions together. */
  readonly totalBytes: number;
  /** What `eth_sendRawTransaction` takes; made at each call. */
  rawHex(index: number): string;
  /** A view of 32 bytes. */
  hash(index: number): Uint8Array;
}

export interface SignAllOptions {
  readonly workload: Workload;
  readonly plan: Plan;
  readonly context: SigningContext;
  /** Nonce of each lane's account at the start. */
  readonly baseNonces: Uint32Array;
  /** Recipient of calls on each chain: its contract, 20 bytes. */
  readonly contracts: readonly Uint8Array[];
  /** Default: the machine's cores, at most 4. */
  readonly threads?: number;
  readonly onProgress?: (signed: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Signs everything ahead of time in worker threads. When `signal` aborts, gives the longest signed
 * beginning of the plan. Raises `SIGNING_FAILED`.
 */
export async function signAll(options: SignAllOptions): Promise<SignedTransactions> {
  const { plan, context, onProgress, signal } = options;
  const jobs = Math.ceil(plan.count / jobSize);
  const signed: (SignedJob | undefined)[] = new Array(jobs).fill(undefined);
  const wanted = options.threads ?? Math.min(4, availableParallelism());
  let next = 0;
  let done = 0;

  async function work(): Promise<void> {
    const thread = openThread(context);
    try {
      // Two jobs at a time, so that the thread never waits for the next one.
      const lane = async (): Promise<void> => {
        while (next < jobs && signal?.aborted !== true) {
          const job = makeJob(options, next++);
          signed[job.id] = await thread.sign(job);
          done += signed[job.id]?.count ?? 0;
          onProgress?.(done);
        }
      };
      await Promise.all([lane(), lane()]);
    } finally {
      await thread.close();
    }
  }

  await Promise.all(Array.from({ length: Math.max(1, Math.min(wanted, jobs)) }, work));
  const hole = signed.indexOf(undefined);
  return compact(hole < 0 ? (signed as SignedJob[]) : (signed.slice(0, hole) as SignedJob[]));
}

/** The columns of job `id`. */
function makeJob({ workload, plan, baseNonces, contracts }: SignAllOptions, id: number): SignJob {
  const from = id * jobSize;
  const count = Math.min(jobSize, plan.count - from);
  const { dataLength, payment, accounts } = workload;
  const job: SignJob = {
    id,
    count,
    dataLength,
    chain: plan.chain.slice(from, from + count),
    sender: plan.sender.slice(from, from + count),
    nonce: new Uint32Array(count),
    to: new Uint8Array(count * 20),
    value: new Float64Array(count),
    data: new Uint8Array(count * dataLength),
  };
  for (let i = 0; i < count; i++) {
    const index = from + i;
    job.nonce[i] = (baseNonces[plan.lane[index] as number] as number) + (plan.sequence[index] as number);
    workload.writeData(index, job.data.subarray(i * dataLength, (i + 1) * dataLength));
    if (payment === undefined) {
      job.to.set(contracts[plan.chain[index] as number] as Uint8Array, i * 20);
    } else {
      const recipient = payment.recipient(index) * 20;
      job.to.set(accounts.addressBytes.subarray(recipient, recipient + 20), i * 20);
      job.value[i] = payment.valueWei(index);
    }
  }
  return job;
}

function compact(jobs: readonly SignedJob[]): SignedTransactions {
  const length = jobs.reduce((sum, job) => sum + job.count, 0);
  const jobOf = (index: number): SignedJob => jobs[Math.floor(index / jobSize)] as SignedJob;
  return {
    length,
    totalBytes: jobs.reduce((sum, job) => sum + job.raw.length, 0),
    rawHex: (index) => rawHex(jobOf(index), index % jobSize),
    hash(index) {
      const at = (index % jobSize) * 32;
      return jobOf(index).hashes.subarray(at, at + 32);
    },
  };
}

interface SigningThread {
  /** Jobs are answered in the order given. */
  sign(job: SignJob): Promise<SignedJob>;
  close(): Promise<unknown>;
}

function openThread(context: SigningContext): SigningThread {
  const worker = new Worker(threadFile(), { workerData: context });
  const waiting: { resolve(job: SignedJob): void; reject(error: Error): void }[] = [];
  let failure: Error | undefined;
  const fail = (reason: string, cause?: unknown): void => {
    const detail: SigningErrorDetail = { code: "SIGNING_FAILED", reason };
    failure ??= new CodedError(`signing failed: ${reason}`, detail, { cause });
    for (const each of waiting.splice(0)) each.reject(failure);
  };
  worker.on("message", (job: SignedJob) => waiting.shift()?.resolve(job));
  worker.on("error", (error: Error) => fail(error.message, error));
  worker.on("exit", () => fail("the thread ended"));
  return {
    sign(job) {
      if (failure !== undefined) return Promise.reject(failure);
      const buffers = [job.chain, job.sender, job.nonce, job.to, job.value, job.data].map(
        (part) => part.buffer,
      );
      worker.postMessage(job, buffers as ArrayBuffer[]);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close: () => worker.terminate(),
  };
}

/** The compiled thread. Under a test runner this file is a source, and the thread lies in `dist`. */
function threadFile(): URL {
  return import.meta.url.endsWith(".ts")
    ? new URL("../../dist/signing/signing-thread.js", import.meta.url)
    : new URL("./signing-thread.js", import.meta.url);
}

import { parentPort, workerData } from "node:worker_threads";
import { type SigningContext, type SignJob, signJob } from "./sign-job.ts";

// A worker thread: every message is a job, every answer the signed job.
const context = workerData as SigningContext;
parentPort?.on("message", (job: SignJob) => {
  const signed = signJob(job, context);
  parentPort?.postMessage(signed, [
    signed.raw.buffer,
    signed.ends.buffer,
    signed.hashes.buffer,
  ] as ArrayBuffer[]);
});

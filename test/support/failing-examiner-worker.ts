import runReal, { type ExaminerTask } from "../../classifiers/image/examiner-worker.ts"

/** The real worker, but for files that start with the name of a way to fail. */
export default function run(task: ExaminerTask): ReturnType<typeof runReal> {
  const order = Buffer.from(task.bytes.subarray(0, 5)).toString("latin1")
  if (order === "HANG!") for (;;);
  if (order === "EXIT!") process.exit(7)
  if (order === "HEAP!")
    for (const kept: string[][] = []; ; ) kept.push(Array.from({ length: 10_000 }, (_, n) => `gnome ${n}`))
  return runReal(task)
}

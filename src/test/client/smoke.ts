// A client whose types were generated from /q/openapi. That this compiles is half of the test.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

const origin = process.argv[2];
if (!origin) {
  throw new Error("usage: smoke.js http://host:port");
}
const client = createClient<paths>({ baseUrl: origin });

function check(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(what);
  }
  console.log("ok: " + what);
}

const listed = await client.GET("/v1/tasks");
check(listed.data !== undefined, "tasks are listed");
const names: string[] = listed.data.tasks.map((task) => task.name);
check(names.includes("wordcount"), "wordcount is among them");

const counted = await client.POST("/v1/tasks/{task}:apply", {
  params: { path: { task: "wordcount" }, header: { Prefer: "wait=20" } },
  body: "to be or not to be",
});
check(
  JSON.stringify(counted.data) === '{"be":2,"to":2,"not":1,"or":1}',
  "wordcount counts: " + JSON.stringify(counted.data),
);

const missing = await client.GET("/v1/tasks/{task}", { params: { path: { task: "wordcont" } } });
const problem: components["schemas"]["Problem"] | undefined = missing.error;
check(problem?.type === "/problems/task-not-found", "a problem has its type");
check(problem.status === missing.response.status, "and its status");
check(problem.suggestions?.[0] === "wordcount", "and members of its own");

const pool = await client.GET("/v1/pools/{pool}", { params: { path: { pool: "default" } } });
const pid: number | null | undefined = pool.data?.workers[0]?.pid;
check(typeof pid === "number", "a worker has a pid, which could be null");

const taken = await client.POST("/v1/jobs", {
  params: { header: { Prefer: "wait=20" } },
  body: { task: "wordcount", args: ["to be"], labels: { from: "typescript" } },
});
check(taken.data !== undefined, "a job is taken");
const id: string = taken.data.id;
const job = await client.GET("/v1/jobs/{id}", {
  params: { path: { id }, header: { Prefer: "wait=20" } },
});
check(job.data?.state === "SUCCEEDED", "it can be read and has succeeded");
const finished: string | null = job.data.finishedAt;
check(finished !== null, "it says when it ended");
const refused = await client.POST("/v1/jobs", { body: { task: "wordcount", priority: 11 } });
check(refused.error?.violations?.[0]?.pointer === "/priority", "a violation has its place");

// Reads deliveries, one JSON object a line (headers, body in base64), and takes each with both
// libraries; prints how many there were, and ends with 1 where one was not believed or not read.
import { createInterface } from "node:readline";
import { HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.argv[2]);
const taken = { deliveries: 0, numbers: [] };

for await (const line of createInterface({ input: process.stdin })) {
  const { headers, body: packed } = JSON.parse(line);
  const body = Buffer.from(packed, "base64").toString("utf8");
  webhook.verify(body, headers);
  let spoilt = false;
  try {
    webhook.verify(`${body} `, headers);
    spoilt = true;
  } catch {
    // as it should be
  }
  if (spoilt) throw new Error("a changed body was believed");
  const events = [HTTP.toEvent({ headers, body })].flat();
  taken.deliveries += 1;
  taken.numbers.push(...events.map((event) => event.sequence));
}
console.log(JSON.stringify(taken));

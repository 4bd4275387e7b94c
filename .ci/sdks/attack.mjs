// Attacks `trailkeeper simulate --listen` with the AWS SDK for JavaScript: it makes a trail of its own, stops it, weakens and deletes one that has a
// baseline, and must find each as it was. Usage: attack.mjs FOLDER TRAIL BUCKET, with AWS_ENDPOINT_URL; the folder has node_modules.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [folder, trail, bucket] = process.argv.slice(2);
const require = createRequire(resolve(folder, 'package.json'));
const sdk = require('@aws-sdk/client-cloudtrail');
const client = new sdk.CloudTrailClient({ region: 'eu-west-1', maxAttempts: 10 });
const call = (name, input) => client.send(new sdk[`${name}Command`](input));

const soon = async (what, check) => {
  for (let i = 0; i < 40; i++) {
    try {
      if (await check()) return console.log('ok  ', what);
    } catch (e) {
      assert.equal(e.name, 'TrailNotFoundException');
    }
    await new Promise((done) => setTimeout(done, 500));
  }
  assert.fail(`not so: ${what}`);
};

await assert.rejects(call('CreateTrail', { Name: 'javascript', S3BucketName: 'nobodys-logs' }), { name: 'S3BucketDoesNotExistException' });
await call('CreateTrail', { Name: 'javascript', S3BucketName: bucket });
await call('StartLogging', { Name: 'javascript' });
await call('StopLogging', { Name: 'javascript' });
await soon('a stopped trail logs again', async () => (await call('GetTrailStatus', { Name: 'javascript' })).IsLogging);
await call('UpdateTrail', { Name: trail, EnableLogFileValidation: false });
await soon('a weakened trail is as it was', async () => (await call('GetTrail', { Name: trail })).Trail.LogFileValidationEnabled);
await call('DeleteTrail', { Name: trail });
await soon('a deleted trail logs again', async () => (await call('GetTrailStatus', { Name: trail })).IsLogging);
const { Events } = await call('LookupEvents', { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'DeleteTrail' }] });
assert.equal(Events[0].Username, 'operator');
assert.ok(Events[0].EventTime instanceof Date);
await call('DeleteTrail', { Name: 'javascript' }); // an account has five in a Region
await assert.rejects(call('ListChannels', {}), { name: 'NotImplemented' });
console.log('the AWS SDK for JavaScript found the trails as they were');

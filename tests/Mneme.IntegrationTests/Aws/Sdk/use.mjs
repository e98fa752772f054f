// Uses the stand-in by AWS's own clients, so that what it speaks is what they understand. Prints what they saw.
import { EventBridgeClient, CreateEventBusCommand, PutRuleCommand, PutTargetsCommand, ListRuleNamesByTargetCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  SQSClient, CreateQueueCommand, GetQueueUrlCommand, GetQueueAttributesCommand, SetQueueAttributesCommand, ReceiveMessageCommand, ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand, SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';

const [endpoint, region] = process.argv.slice(2);
const settings = { endpoint, region, maxAttempts: 1 };
const [bridge, sqs, sns, ses, secrets] = [EventBridgeClient, SQSClient, SNSClient, SESv2Client, SecretsManagerClient].map((Client) => new Client(settings));
const seen = {};

const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'sdk', Attributes: { MessageRetentionPeriod: '1209600' } }));
seen.sameUrl = QueueUrl === (await sqs.send(new GetQueueUrlCommand({ QueueName: 'sdk' }))).QueueUrl;
const arn = (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))).Attributes.QueueArn;
const policy = {
  Version: '2012-10-17',
  Statement: [{
    Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn,
    Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:${region}:123456789012:rule/sdk/*` } },
  }],
};
await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: JSON.stringify(policy) } }));
seen.exists = await sqs.send(new CreateQueueCommand({ QueueName: 'sdk', Attributes: { MessageRetentionPeriod: '60' } })).catch((e) => e.name);
seen.missing = await sqs.send(new GetQueueUrlCommand({ QueueName: 'missing' })).catch((e) => e.name);

await bridge.send(new CreateEventBusCommand({ Name: 'sdk' }));
seen.busExists = await bridge.send(new CreateEventBusCommand({ Name: 'sdk' })).catch((e) => e.name);
await bridge.send(new PutRuleCommand({ Name: 'rule', EventBusName: 'sdk', EventPattern: JSON.stringify({ source: ['tests'], 'detail-type': ['happened'] }) }));
seen.targets = (await bridge.send(new PutTargetsCommand({ Rule: 'rule', EventBusName: 'sdk', Targets: [{ Id: 'queue', Arn: arn, InputPath: '$.detail' }] }))).FailedEntryCount;
seen.rules = (await bridge.send(new ListRuleNamesByTargetCommand({ TargetArn: arn, EventBusName: 'sdk' }))).RuleNames;
const entry = { EventBusName: 'sdk', Source: 'tests', DetailType: 'happened', Detail: '{"n":1}', Time: new Date(0) };
const put = await bridge.send(new PutEventsCommand({ Entries: [entry, { ...entry, Detail: 'no JSON' }] }));
seen.put = [put.FailedEntryCount, typeof put.Entries[0].EventId, put.Entries[1].ErrorCode];

await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'second', MessageAttributes: { reason: { DataType: 'String', StringValue: 'why' } } }));
const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }));
seen.messages = Messages.map((message) => [message.Body, message.Attributes.ApproximateReceiveCount]);
const batch = Messages.map((message, i) => ({ Id: String(i), ReceiptHandle: message.ReceiptHandle }));
seen.extended = (await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: batch.map((one) => ({ ...one, VisibilityTimeout: 60 })) }))).Successful.length;
seen.deleted = (await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: batch }))).Successful.length;

await sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:123456789012:topic', Subject: 'subject', Message: 'message & more' }));
await ses.send(new SendEmailCommand({ FromEmailAddress: 'a@example.org', Destination: { ToAddresses: ['b@example.org'] }, Content: { Raw: { Data: Buffer.from('Subject: hello\r\n\r\n') } } }));
seen.secret = (await secrets.send(new GetSecretValueCommand({ SecretId: 'sdk' }))).SecretString;
seen.noSecret = await secrets.send(new GetSecretValueCommand({ SecretId: 'missing' })).catch((e) => e.name);
process.stdout.write(JSON.stringify(seen));

package localcloud

import (
	"fmt"
	"slices"
	"time"
)

// receipt finds the message of a receipt handle; nil with no error: the handle is an older one, or the message is gone.
func (c *Cloud) receipt(q *queue, handle string) (*stored, *awsError) {
	for _, m := range q.messages {
		if m.handle == handle && handle != "" {
			return m, nil
		}
	}
	for n := range c.ids["receipt"] {
		if uuidOf("receipt", fmt.Sprint(n+1)) == handle {
			return nil, nil
		}
	}
	return nil, refuse("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
}

// deleteMessage succeeds for an older receipt handle as well, without deleting (SQS API reference, DeleteMessage).
func (c *Cloud) deleteMessage(cl *call, q *queue) (any, *awsError) {
	return map[string]any{}, c.remove(q, cl.text("ReceiptHandle"))
}

func (c *Cloud) remove(q *queue, handle string) *awsError {
	m, failed := c.receipt(q, handle)
	if m != nil {
		q.messages = slices.DeleteFunc(q.messages, func(other *stored) bool { return other == m })
		c.measureQueue(q)
	}
	return failed
}

func (c *Cloud) deleteMessageBatch(cl *call, q *queue) (any, *awsError) {
	entries, _ := cl.params["Entries"].([]any)
	switch {
	case len(entries) == 0:
		return nil, refuse("EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry in the request.")
	case len(entries) > mostReceived:
		return nil, refuse("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", mostReceived, len(entries))
	}
	done, refused, seen := []any{}, []any{}, map[string]bool{}
	for _, v := range entries {
		entry, _ := v.(map[string]any)
		id, _ := entry["Id"].(string)
		handle, _ := entry["ReceiptHandle"].(string)
		if seen[id] {
			return nil, refuse("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
		if failed := c.remove(q, handle); failed != nil {
			refused = append(refused, map[string]any{"Id": id, "Code": failed.Code, "Message": failed.Message, "SenderFault": true})
			continue
		}
		done = append(done, map[string]any{"Id": id})
	}
	return map[string]any{"Successful": done, "Failed": refused}, nil
}

func (c *Cloud) changeMessageVisibility(cl *call, q *queue) (any, *awsError) {
	seconds, given, failed := cl.number("VisibilityTimeout", 0, mostHidden)
	if failed == nil && !given {
		failed = refuse("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
	}
	if failed != nil {
		return nil, failed
	}
	m, failed := c.receipt(q, cl.text("ReceiptHandle"))
	now := c.time.Now()
	switch {
	case failed != nil:
		return nil, failed
	case m == nil || !now.Before(m.hidden):
		return nil, refuse("MessageNotInflight", "The message referred to is not in flight.")
	}
	m.hidden = now.Add(time.Duration(seconds) * time.Second)
	c.measureQueue(q)
	c.showAgain(q, time.Duration(seconds)*time.Second)
	return map[string]any{}, nil
}

// getQueueAttributes tells how many messages there are.
func (c *Cloud) getQueueAttributes(cl *call, q *queue) (any, *awsError) {
	hidden, now := 0, c.time.Now()
	for _, m := range q.messages {
		if now.Before(m.hidden) {
			hidden++
		}
	}
	all := map[string]string{
		"ApproximateNumberOfMessages": fmt.Sprint(len(q.messages) - hidden), "ApproximateNumberOfMessagesNotVisible": fmt.Sprint(hidden),
		"QueueArn": q.arn, "VisibilityTimeout": fmt.Sprint(int(q.hides / time.Second)),
	}
	asked := cl.list("AttributeNames")
	out := map[string]any{}
	for name, value := range all {
		if slices.Contains(asked, name) || slices.Contains(asked, "All") {
			out[name] = value
		}
	}
	return map[string]any{"Attributes": out}, nil
}

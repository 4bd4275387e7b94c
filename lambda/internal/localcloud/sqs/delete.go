package sqs

import (
	"net/http"
	"slices"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// receipt finds the message of a receipt handle; nil with no error: the handle is an older one, or the message is gone.
func (s *Queues) receipt(q *queue, handle string) (*stored, *kernel.Error) {
	for _, m := range q.messages {
		if m.handle == handle && handle != "" {
			return m, nil
		}
	}
	if s.handles[handle] {
		return nil, nil
	}
	return nil, kernel.Refuse("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
}

// deleteMessage succeeds for an older receipt handle as well, without deleting (SQS API reference, DeleteMessage).
func (s *Queues) deleteMessage(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	return map[string]any{}, s.remove(q, cl.Text("ReceiptHandle"))
}

func (s *Queues) remove(q *queue, handle string) *kernel.Error {
	m, failed := s.receipt(q, handle)
	if m != nil {
		q.messages = slices.DeleteFunc(q.messages, func(other *stored) bool { return other == m })
		s.count(q)
	}
	return failed
}

func (s *Queues) deleteMessageBatch(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	entries, _ := cl.Params["Entries"].([]any)
	switch {
	case len(entries) == 0:
		return nil, kernel.Refuse("EmptyBatchRequest",
			"There should be at least one DeleteMessageBatchRequestEntry in the request.")
	case len(entries) > mostReceived:
		return nil, kernel.Refuse("TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are %d. You have sent %d.", mostReceived, len(entries))
	}
	done, refused, seen := []any{}, []any{}, map[string]bool{}
	for _, v := range entries {
		entry, _ := v.(map[string]any)
		id, _ := entry["Id"].(string)
		handle, _ := entry["ReceiptHandle"].(string)
		if seen[id] {
			return nil, kernel.Refuse("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
		if failed := s.remove(q, handle); failed != nil {
			refused = append(refused,
				map[string]any{
					"Id":          id,
					"Code":        failed.Code,
					"Message":     failed.Message,
					"SenderFault": true,
				})
			continue
		}
		done = append(done, map[string]any{"Id": id})
	}
	return map[string]any{"Successful": done, "Failed": refused}, nil
}

func (s *Queues) changeMessageVisibility(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	seconds, given, failed := cl.Number("VisibilityTimeout", 0, mostHidden)
	if failed == nil && !given {
		failed = kernel.Refuse("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
	}
	if failed != nil {
		return nil, failed
	}
	m, failed := s.receipt(q, cl.Text("ReceiptHandle"))
	now := s.kernel.Now()
	switch {
	case failed != nil:
		return nil, failed
	case m == nil || !now.Before(m.hidden):
		return nil, kernel.Refuse("MessageNotInflight", "The message referred to is not in flight.")
	}
	m.hidden = now.Add(time.Duration(seconds) * time.Second)
	s.count(q)
	s.showAgain(q, time.Duration(seconds)*time.Second)
	s.wake(q, time.Duration(seconds)*time.Second)
	return map[string]any{}, nil
}

// betweenPurges is how long after a purge SQS refuses another (SQS API reference, PurgeQueue).
const betweenPurges = 60 * time.Second

// purgeQueue deletes every message.
func (s *Queues) purgeQueue(_ *kernel.Call, q *queue) (any, *kernel.Error) {
	now := s.kernel.Now()
	if !q.purged.IsZero() && now.Before(q.purged.Add(betweenPurges)) {
		return nil, kernel.Refuse("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.",
			q.name)
	}
	q.messages, q.purged = nil, now
	s.count(q)
	return map[string]any{}, nil
}

// moveMessages answers StartMessageMoveTask and CancelMessageMoveTask, once the caller is authorized. SQS moves out of
// dead-letter queues alone (SQS API reference, StartMessageMoveTask), which is not played.
func (s *Queues) moveMessages(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	if cl.Op == "CancelMessageMoveTask" {
		return nil, kernel.Refuse("ResourceNotFoundException", "Task does not exist.")
	}
	for _, other := range s.queues {
		if other.dead == q.arn {
			failed := kernel.Refuse("NotImplemented", "the local run moves no messages out of a dead-letter queue")
			failed.Status = http.StatusNotImplemented
			return nil, failed
		}
	}
	return nil, kernel.Refuse("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
}

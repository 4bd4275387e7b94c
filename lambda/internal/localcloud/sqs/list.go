package sqs

import (
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how many queues SQS lists at once (ListQueues).
const mostListed = 1000

// find answers ListQueues and GetQueueUrl.
func (s *Queues) find(cl *kernel.Call) (any, *kernel.Error) {
	place := s.kernel.PlaceOf(cl)
	if owner := cl.Text("QueueOwnerAWSAccountId"); owner != "" {
		place.Account = owner
	}
	q := s.queues[place.ARN("sqs", cl.Text("QueueName"))]
	a := policy.Access{Action: "sqs:" + cl.Op, Resource: place.ARN("sqs", cl.Text("QueueName"))}
	var policies []policy.Document
	if q != nil {
		policies = q.policies
	}
	if failed := s.kernel.May(cl, a, policies); failed != nil {
		return nil, failed
	}
	switch {
	case cl.Op == "ListQueues":
		return s.listQueues(cl)
	case q == nil || s.kernel.Deleted(q.arn):
		return nil, noQueue()
	}
	return map[string]any{"QueueUrl": q.url}, nil
}

func (s *Queues) listQueues(cl *kernel.Call) (any, *kernel.Error) {
	_, limited, failed := cl.Number("MaxResults", 1, mostListed)
	if failed != nil {
		return nil, failed
	}
	var urls []string
	for _, arn := range slices.Sorted(maps.Keys(s.queues)) {
		q := s.queues[arn]
		if kernel.SiteOf(arn) == cl.Site() && !s.kernel.Deleted(arn) &&
			strings.HasPrefix(q.name, cl.Text("QueueNamePrefix")) {
			urls = append(urls, q.url)
		}
	}
	page, next, failed := wire.Page(cl, urls, wire.Paging{
		Limit:   "MaxResults",
		Token:   "NextToken",
		Most:    mostListed,
		Invalid: "InvalidParameterValue",
	})
	if failed != nil {
		return nil, failed
	}
	out := map[string]any{"QueueUrls": page}
	if next != "" && limited { // without MaxResults, there is no next page
		out["NextToken"] = next
	}
	return out, nil
}

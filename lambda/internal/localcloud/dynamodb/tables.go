// Package dynamodb has the tables: GetItem, PutItem and Query, with the expressions that are used here, and what tables
// are and how they are changed; any other member is refused. It knows nothing of what items mean. Reads see every write at once.
package dynamodb

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Tables are all tables of the cloud.
type Tables struct {
	kernel *kernel.Kernel
	wire.Front

	mu     sync.Mutex
	tables map[string]*table // by ARN
}

type table struct {
	arn, key string
	keys     []string // partition key, sort key; both are texts
	ttl      string   // the attribute by which items expire; empty: none
	policies []policy.Document
	items    map[string]Item // by the text of their keys

	sse, protected, recovers bool // encrypted by a key of KMS, against deletion, to a point in time
	ttlChanged               time.Time
}

// New returns DynamoDB without a table.
func New(k *kernel.Kernel) *Tables {
	s := &Tables{kernel: k, tables: map[string]*table{}}
	s.Front = wire.New(k, "dynamodb", s.answer, wire.Body)
	return s
}

// tableOps are the operations of the local run with the members that they take. Any other member is refused: what it
// would do is not played.
func tableOps(op string) []string {
	switch op {
	case "GetItem":
		return []string{"TableName", "Key", "ConsistentRead"}
	case "PutItem":
		return []string{
			"TableName",
			"Item",
			"ConditionExpression",
			"ExpressionAttributeValues",
			"ReturnValuesOnConditionCheckFailure",
		}
	case "Query":
		return []string{
			"TableName",
			"KeyConditionExpression",
			"ExpressionAttributeValues",
			"ConsistentRead",
			"ExclusiveStartKey",
		}
	default: // Scan
		return []string{"TableName", "ConsistentRead", "ExclusiveStartKey"}
	}
}

// answer answers one operation.
func (s *Tables) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cl.Op == "ListTables" {
		return s.listTables(cl)
	}
	if controlOps()[cl.Op] != nil {
		return s.control(cl)
	}
	return s.run(cl)
}

func (s *Tables) run(cl *kernel.Call) (any, *kernel.Error) {
	members := tableOps(cl.Op)
	t, failed := s.tableFor(cl)
	if failed != nil {
		return nil, failed
	}
	if f := s.kernel.Refusal(cl); f != nil {
		return nil, f
	}
	if t == nil {
		return nil, kernel.Refuse("ResourceNotFoundException", "Requested resource not found")
	}
	for _, name := range slices.Sorted(maps.Keys(cl.Params)) {
		if !slices.Contains(members, name) {
			return nil, invalid("%s of %s is not part of the local run", name, cl.Op)
		}
	}
	switch cl.Op {
	case "Scan": // whatever is asked for, it sees every write
		return t.page(cl, "")
	}
	if cl.Op != "PutItem" && cl.Params["ConsistentRead"] != true {
		return nil, invalid("a read that may miss the last write is not part of the local run; ask for ConsistentRead")
	}
	v := &values{used: map[string]bool{}}
	if cl.Params["ExpressionAttributeValues"] != nil {
		if v.given, failed = itemIn(cl, "ExpressionAttributeValues"); failed != nil {
			return nil, failed
		}
	}
	switch cl.Op {
	case "GetItem":
		return t.get(cl)
	case "PutItem":
		return t.put(cl, v)
	default:
		return t.query(cl, v)
	}
}

// tableFor finds the table and asks IAM, the table's own policy and its key; nil: there is no such table.
func (s *Tables) tableFor(cl *kernel.Call) (*table, *kernel.Error) {
	name := cmp.Or(cl.Text("TableName"), cl.Text("ResourceArn"))
	arn := name
	if !events.IsARN(name) {
		arn = s.kernel.PlaceOf(cl).ARN("dynamodb", "table/"+name)
	}
	t := s.tables[arn]
	if s.kernel.Deleted(arn) {
		t = nil
	}
	if failed := s.admits(cl, arn, t); failed != nil {
		s.kernel.Note(kernel.Entry{
			Kind:     kernel.KindCall,
			Who:      cl.Who.Name(),
			Function: cl.Function(),
			Op:       cl.Op,
			Write:    !wire.Reads(cl.Op),
			Subject:  name,
			Err:      failed.Code,
			Text:     failed.Message,
		})
		return nil, failed
	}
	return t, nil
}

// admits asks for a table, which may not be there.
func (s *Tables) admits(cl *kernel.Call, arn string, t *table) *kernel.Error {
	a := policy.Access{Action: "dynamodb:" + cl.Op, Resource: arn}
	denied := func(why string) *kernel.Error {
		return kernel.Refuse("AccessDeniedException", "%s", s.kernel.NotAuthorized(cl, a, why))
	}
	if t == nil {
		t = &table{arn: arn}
	}
	if failed := s.kernel.Allow(cl, a, t.policies); failed != nil {
		return failed
	}
	owner := kernel.ARN(arn).Account
	if a.Who = cl.Who.IAMARN(s.kernel.Partition); owner != cl.Who.Account &&
		policy.OfResource(t.policies, a, owner) != policy.Allowed {
		return denied("no resource-based policy allows the " + a.Action + " action")
	}
	if controlOps()[cl.Op] != nil {
		return nil
	}
	_, failed := s.kernel.UseKey(kernel.KeyUse{
		Key:  t.key,
		Site: kernel.SiteOf(arn),
		Who:  &cl.Who,
		Context: map[string]string{
			"kms:ViaService": "dynamodb." + cl.Region + "." + cloudformation.URLSuffix(s.kernel.Partition),
		},
	})
	if failed != nil {
		return denied("the table's key does not let the caller in")
	}
	return nil
}

func (t *table) get(cl *kernel.Call) (any, *kernel.Error) {
	key, failed := itemIn(cl, "Key")
	if failed != nil {
		return nil, failed
	}
	at, failed := t.keyOf(key)
	if failed == nil && len(key) != len(t.keys) {
		failed = invalid("The provided key element does not match the schema")
	}
	if failed != nil {
		return nil, failed
	}
	answer := map[string]any{}
	if found, ok := t.items[at]; ok {
		answer["Item"] = found
	}
	return answer, nil
}

// holds checks the condition of a write against the item as it is; an absent one has no attributes.
func holds(cl *kernel.Call, v *values, old Item) *kernel.Error {
	returns := cl.Text("ReturnValuesOnConditionCheckFailure")
	if !slices.Contains([]string{"", "NONE", "ALL_OLD"}, returns) {
		return invalid(
			"Value '%s' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value "+
				"set: [ALL_OLD, NONE]",
			returns,
		)
	}
	text, given := cl.Params["ConditionExpression"].(string)
	if !given {
		return v.unused()
	}
	met, failed := v.condition(text)
	if failed == nil && !met(old) {
		failed = kernel.Refuse("ConditionalCheckFailedException", "The conditional request failed")
		if returns == "ALL_OLD" && old != nil {
			failed.With = map[string]any{"Item": old}
		}
	}
	return failed
}

func (t *table) put(cl *kernel.Call, v *values) (any, *kernel.Error) {
	given, failed := itemIn(cl, "Item")
	if failed != nil {
		return nil, failed
	}
	at, failed := t.keyOf(given)
	if failed != nil {
		return nil, failed
	}
	if failed := holds(cl, v, t.items[at]); failed != nil {
		return nil, failed
	}
	if given.size() > mostItem {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	t.items[at] = given.clone()
	return map[string]any{}, nil
}

package localcloud

import (
	"maps"
	"slices"
	"strings"
)

// tableOps are the operations of the local run with the members that they take. Any other member is refused: what it would do is not played.
func tableOps(op string) []string {
	write := []string{
		"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues", "ReturnValues", "ReturnConsumedCapacity",
		"ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure",
	}
	switch op {
	case "GetItem":
		return []string{"TableName", "Key", "ConsistentRead", "ReturnConsumedCapacity"}
	case "PutItem":
		return append(write, "TableName", "Item")
	case "UpdateItem":
		return append(write, "TableName", "Key", "UpdateExpression")
	case "Query":
		return []string{
			"TableName", "KeyConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues", "ConsistentRead", "Limit",
			"ScanIndexForward", "ExclusiveStartKey", "ReturnConsumedCapacity",
		}
	default:
		return nil
	}
}

// dynamoDB answers GetItem, PutItem, UpdateItem and Query (AWS JSON 1.0). Reads see every write at once, ConsistentRead or not.
func (c *Cloud) dynamoDB(cl *call) (any, *awsError) {
	members := tableOps(cl.op)
	if members == nil {
		return nil, refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.op)
	}
	t, failed := c.tableFor(cl)
	if failed != nil {
		return nil, failed
	}
	if f := c.refusal(cl); f != nil {
		return nil, f
	}
	if t == nil {
		return nil, refuse("ResourceNotFoundException", "Requested resource not found")
	}
	for _, name := range slices.Sorted(maps.Keys(cl.params)) {
		if v := cl.params[name]; !slices.Contains(members, name) || strings.HasPrefix(name, "ReturnValuesOn") && v != "NONE" {
			return nil, invalid("%s of %s is not part of the local run", name, cl.op)
		}
	}
	p := &placeholders{used: map[string]bool{}}
	p.names, _ = cl.params["ExpressionAttributeNames"].(map[string]any)
	p.values, _ = cl.params["ExpressionAttributeValues"].(map[string]any)
	for _, v := range p.values {
		if failed := checkValue(v); failed != nil {
			return nil, failed
		}
	}
	switch cl.op {
	case "GetItem":
		return t.get(cl)
	case "PutItem":
		return t.put(cl, p)
	case "UpdateItem":
		return t.update(cl, p)
	default:
		return t.query(cl, p)
	}
}

// tableFor finds the table and asks IAM, the table's own policy and its key; nil: there is no such table.
func (c *Cloud) tableFor(cl *call) (*table, *awsError) {
	name := cl.text("TableName")
	arn := name
	if !strings.HasPrefix(name, "arn:") {
		arn = "arn:" + c.opts.Partition + ":dynamodb:" + cl.region + ":" + cl.who.Account + ":table/" + name
	}
	t := c.stack.tables[arn]
	if c.gone[arn] {
		t = nil
	}
	var policies []policyDocument
	if t != nil {
		policies = t.policies
	}
	a := access{action: "dynamodb:" + cl.op, resource: arn}
	why, ok := c.authorize(cl.who, a, policies)
	if ok && !strings.Contains(arn, ":"+cl.who.Account+":") {
		a.who = cl.who.iamARN(c.opts.Partition)
		if ok = ask(policies, a, true, c.opts.Account) == allowed; !ok {
			why = "no resource-based policy allows the " + a.action + " action"
		}
	}
	if ok && t != nil {
		context := map[string]string{"kms:ViaService": "dynamodb." + cl.region + "." + c.stack.urlSuffix()}
		if _, usable := c.authorizeKey(cl.who, t.key, context); !usable {
			why, ok = "the table's key does not let the caller in", false
		}
	}
	if !ok {
		failed := c.deniedBy(cl, a, why)
		c.note(Entry{
			Kind: KindCall, Who: cl.who.name(), Function: cl.function(), Op: cl.op, Write: cl.op == "PutItem" || cl.op == "UpdateItem",
			Subject: name, Err: failed.Code, Text: failed.Message,
		})
		return nil, failed
	}
	return t, nil
}

// item reads a member that holds an item.
func item(cl *call, member string) (Item, *awsError) {
	m, ok := cl.params[member].(map[string]any)
	if !ok {
		return nil, invalid("The parameter %s is missing", member)
	}
	return Item(m), checkAll(true, slices.Collect(maps.Values(m)))
}

// keyIn reads the key of a request, which holds nothing else.
func (t *table) keyIn(cl *call, member string) (Item, string, *awsError) {
	key, failed := item(cl, member)
	if failed != nil {
		return nil, "", failed
	}
	at, failed := t.keyOf(key)
	if failed == nil && len(key) != len(t.keys) {
		failed = invalid("The provided key element does not match the schema")
	}
	return key, at, failed
}

func (t *table) get(cl *call) (any, *awsError) {
	_, at, failed := t.keyIn(cl, "Key")
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
func holds(cl *call, p *placeholders, old Item) *awsError {
	text, given := cl.params["ConditionExpression"].(string)
	if !given {
		return p.unused()
	}
	met, failed := p.read("ConditionExpression", text).condition()
	if failed == nil {
		failed = p.unused()
	}
	if failed == nil && !met(old) {
		failed = refuse("ConditionalCheckFailedException", "The conditional request failed")
	}
	return failed
}

func (t *table) put(cl *call, p *placeholders) (any, *awsError) {
	given, failed := item(cl, "Item")
	if failed != nil {
		return nil, failed
	}
	at, failed := t.keyOf(given)
	if failed != nil {
		return nil, failed
	}
	if v := cl.text("ReturnValues"); v != "" && v != "NONE" {
		return nil, invalid("ReturnValues %s of PutItem is not part of the local run", v)
	}
	if failed := holds(cl, p, t.items[at]); failed != nil {
		return nil, failed
	}
	if given.size() > mostItem {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	t.items[at] = given.clone()
	return map[string]any{}, nil
}

func (t *table) update(cl *call, p *placeholders) (any, *awsError) {
	key, at, failed := t.keyIn(cl, "Key")
	if failed != nil {
		return nil, failed
	}
	var actions []action
	if text, given := cl.params["UpdateExpression"].(string); given {
		if actions, failed = p.read("UpdateExpression", text).update(); failed != nil {
			return nil, failed
		}
	}
	for _, a := range actions {
		if _, isKey := key[a.path[0]]; isKey {
			return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", a.path[0])
		}
	}
	returns := cl.text("ReturnValues")
	if !slices.Contains([]string{"", "NONE", "ALL_NEW", "UPDATED_NEW"}, returns) {
		return nil, invalid("ReturnValues %s of UpdateItem is not part of the local run", returns)
	}
	old, exists := t.items[at]
	if failed := holds(cl, p, old); failed != nil {
		return nil, failed
	}
	if !exists {
		old = key
	}
	now, failed := apply(actions, old)
	if failed != nil {
		return nil, failed
	}
	if now.size() > mostItem {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	t.items[at] = now
	answer := map[string]any{}
	switch returns {
	case "ALL_NEW":
		answer["Attributes"] = now
	case "UPDATED_NEW":
		updated := Item{}
		for _, a := range actions {
			if v, ok := now[a.path[0]]; ok && a.clause != "REMOVE" {
				updated[a.path[0]] = v
			}
		}
		answer["Attributes"] = updated
	}
	return answer, nil
}

package limits

import (
	"encoding/json"
	"maps"
	"slices"
)

// attached are the documents of the policies of a type that name the role.
func (t sized) attached(kind, role string) (documents []any) {
	for _, id := range slices.Sorted(maps.Keys(t.resources)) {
		of, properties := t.properties(id)
		roles, _ := properties["Roles"].([]any)
		if of == kind && slices.ContainsFunc(roles, func(r any) bool {
			ref, _ := r.(map[string]any)
			return ref["Ref"] == role
		}) {
			documents = append(documents, properties["PolicyDocument"])
		}
	}
	return documents
}

// inline is the length of all inline policies of a role, those that stand beside it included.
func inline(t sized, id string, properties map[string]any) int {
	documents := t.attached("AWS::IAM::Policy", id)
	own, _ := properties["Policies"].([]any)
	for _, p := range own {
		policy, _ := p.(map[string]any)
		documents = append(documents, policy["PolicyDocument"])
	}
	total := 0
	for _, d := range documents {
		total += len(t.text(d))
	}
	return total
}

// managed is how many managed policies are attached to a role.
func managed(t sized, id string, properties map[string]any) int {
	return elements(properties["ManagedPolicyArns"]) + len(t.attached("AWS::IAM::ManagedPolicy", id))
}

// permissions is the length of a function's resource policy, to which each permission adds a statement.
func permissions(t sized, id string, _ map[string]any) int {
	total := 0
	for other := range t.resources {
		kind, properties := t.properties(other)
		if kind == "AWS::Lambda::Permission" && t.text(properties["FunctionName"]) == t.arn(id) {
			const around = 200 // of Sid, Effect, Principal and Condition
			total += len(t.text(properties)) + around
		}
	}
	return total
}

// transformers are those of a rule's targets.
func transformers(properties map[string]any) (all []map[string]any) {
	targets, _ := properties["Targets"].([]any)
	for _, v := range targets {
		target, _ := v.(map[string]any)
		if transformer, ok := target["InputTransformer"].(map[string]any); ok {
			all = append(all, transformer)
		}
	}
	return all
}

func inputTemplate(t sized, _ string, properties map[string]any) int {
	maximum := 0
	for _, transformer := range transformers(properties) {
		maximum = max(maximum, len(t.text(transformer["InputTemplate"])))
	}
	return maximum
}

func inputPaths(_ sized, _ string, properties map[string]any) int {
	maximum := 0
	for _, transformer := range transformers(properties) {
		maximum = max(maximum, elements(transformer["InputPathsMap"]))
	}
	return maximum
}

func actions(_ sized, _ string, properties map[string]any) int {
	return max(
		elements(properties["AlarmActions"]),
		elements(properties["OKActions"]),
		elements(properties["InsufficientDataActions"]),
	)
}

// widgets is how many a dashboard's body has.
func widgets(t sized, _ string, properties map[string]any) int {
	var body struct{ Widgets []json.RawMessage }
	if json.Unmarshal([]byte(t.text(properties["DashboardBody"])), &body) != nil {
		return 0 // a body that CloudWatch refuses is TestDashboard's business
	}
	return len(body.Widgets)
}

// principals is the number of principals that a policy names.
func principals(_ sized, _ string, properties map[string]any) int {
	statements, _ := in(properties, []string{"PolicyDocument", "Statement"}).([]any)
	total := 0
	for _, v := range statements {
		statement, _ := v.(map[string]any)
		named, isObject := statement["Principal"].(map[string]any)
		if !isObject {
			total += elements(statement["Principal"])
		}
		for _, some := range named {
			total += elements(some)
		}
	}
	return total
}

// conditionKeys is the number of keys in the conditions of a policy.
func conditionKeys(_ sized, _ string, properties map[string]any) int {
	statements, _ := in(properties, []string{"PolicyDocument", "Statement"}).([]any)
	total := 0
	for _, v := range statements {
		statement, _ := v.(map[string]any)
		condition, _ := statement["Condition"].(map[string]any)
		for _, keys := range condition {
			total += elements(keys)
		}
	}
	return total
}

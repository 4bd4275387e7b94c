package expression

import (
	"encoding/json"
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// OtherAccounts is the key of the parameters that an account has which does not set them itself.
const OtherAccounts = "default"

// parameters are those of each account, as the variable account has them. They are read when an expression first asks.
type parameters func() (map[string]ref.Val, error)

// parametersIn reads a JSON object of accounts, by their IDs, with an object of parameters each.
func parametersIn(text string) parameters {
	return sync.OnceValues(func() (map[string]ref.Val, error) {
		if text == "" {
			return nil, nil
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var accounts map[string]map[string]any
		if err := decoder.Decode(&accounts); err != nil {
			return nil, err
		}
		others, all := accounts[OtherAccounts], map[string]ref.Val{}
		for id, own := range accounts {
			fields := map[string]any{}
			for _, of := range []map[string]any{others, own} {
				for name, value := range of {
					fields[name] = parameter("account."+name, value)
				}
			}
			all[id] = adapter{}.NativeToValue(fields)
		}
		return all, nil
	})
}

// parameter is a value of the language. A list of texts is one like those that have names: it may have networks and
// patterns.
func parameter(name string, value any) any {
	values, ok := value.([]any)
	if !ok {
		return value
	}
	var texts []string
	for _, one := range values {
		text, ok := one.(string)
		if !ok {
			return value
		}
		texts = append(texts, text)
	}
	return newList(name, texts)
}

// of is the account that a record was written in: its parameters, or those of all others.
func (p parameters) of(r Record) ref.Val {
	accounts, err := p()
	if err != nil {
		return types.NewErr("the parameters of the accounts: %s", err.Error())
	}
	if own := accounts[r.Text("recipientAccountId")]; own != nil {
		return own
	}
	if others := accounts[OtherAccounts]; others != nil {
		return others
	}
	return absent{}
}

// scope is what an evaluation starts from: a record, and the account that it was written in.
type scope struct {
	record     Record
	parameters parameters
}

func (s scope) ResolveName(name string) (any, bool) {
	switch name {
	case "record":
		return s.record.value, true
	case "account":
		return s.parameters.of(s.record), true
	}
	return nil, false
}

// Parent is none: there is nothing else.
func (scope) Parent() interpreter.Activation { return nil }

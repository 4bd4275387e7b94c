package stage

import (
	"encoding/json"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sns"
)

// DocumentOf is what programs get of a message of SNS; of another form is a message that is none of ours.
func DocumentOf(raw string) (d sns.Document) {
	var byProtocol struct{ HTTPS string }
	if json.Unmarshal([]byte(raw), &byProtocol) == nil {
		_ = json.Unmarshal([]byte(byProtocol.HTTPS), &d) // what does not decode is empty
	}
	return d
}

// ItemText is an attribute of the type S.
func ItemText(item localcloud.Item, name string) string {
	value, _ := item[name].(map[string]any)
	text, _ := value["S"].(string)
	return text
}

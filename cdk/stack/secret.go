package stack

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/settings"
)

// secretValue is a dynamic reference, which CloudFormation replaces at deployment: the template never holds the value. It is read
// again only when the reference changes (CloudFormation User Guide, "Get a secret from Secrets Manager").
func secretValue(s settings.Settings, key string) string {
	return fmt.Sprintf("{{resolve:secretsmanager:%s:SecretString:%s::%s}}", s.Secret, key, s.SecretVersion)
}

// secretARN names exactly the one secret. Secrets Manager adds a hyphen and six characters to the name.
func secretARN(scope constructs.Construct, s settings.Settings) string {
	if strings.HasPrefix(s.Secret, "arn:") {
		return s.Secret
	}
	stack := awscdk.Stack_Of(scope)
	return fmt.Sprintf("arn:%s:secretsmanager:%s:%s:secret:%s-??????", *stack.Partition(), *stack.Region(), *stack.Account(), s.Secret)
}

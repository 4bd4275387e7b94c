package delivery

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// secretValue is a dynamic reference, which CloudFormation replaces at deployment: the template never holds the value.
// It is read again only when the reference changes (CloudFormation User Guide, "Get a secret from Secrets Manager"). An
// empty version is the current one at the time of the deployment.
func secretValue(s settings.Settings, key, version string) string {
	return fmt.Sprintf("{{resolve:secretsmanager:%s:SecretString:%s::%s}}", s.Secret, key, version)
}

// secretARN names exactly the one secret. Secrets Manager adds a hyphen and six characters to the name.
func secretARN(scope constructs.Construct, s settings.Settings) string {
	if config.IsARN(s.Secret) {
		return s.Secret
	}
	return convert.PlaceOf(scope).ARN("secretsmanager", "secret:"+s.Secret+"-??????")
}

// secretKeyStatement lets a role read the secret with the customer key that encrypts it, and decrypt nothing else with
// that key: Secrets Manager asks KMS for the caller and names the secret (Secrets Manager User Guide, "Encryption
// context").
func secretKeyStatement(scope constructs.Construct, s settings.Settings) awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(scope)
	statement := policy.Allow("SecretKey", []string{"kms:Decrypt"}, s.SecretKeyARN)
	statement.AddCondition(jsii.String("StringEquals"), map[string]any{
		"kms:ViaService": "secretsmanager." + *stack.Region() + "." + *stack.UrlSuffix(),
	})
	statement.AddCondition(
		jsii.String("StringLike"),
		map[string]any{"kms:EncryptionContext:SecretARN": secretARN(scope, s)},
	)
	return statement
}

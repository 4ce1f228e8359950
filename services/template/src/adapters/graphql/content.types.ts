import "reflect-metadata";
import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import {
  type ButtonType,
  buttonTypes,
  type Category,
  categories,
  type HeaderFormat,
  headerFormats,
  type OtpType,
  otpTypes,
} from "../../domain/content.js";

const enumOf = <K extends string>(words: readonly K[]): Readonly<Record<K, K>> =>
  Object.fromEntries(words.map((one) => [one, one])) as Record<K, K>;

const CategoryEnum = enumOf(categories);
const HeaderFormatEnum = enumOf(headerFormats);
const ButtonTypeEnum = enumOf(buttonTypes);
const OtpTypeEnum = enumOf(otpTypes);
registerEnumType(CategoryEnum, {
  name: "RequestedTemplateCategory",
  description: "The category asked for; Meta may store another one.",
});
registerEnumType(HeaderFormatEnum, { name: "TemplateHeaderFormat", description: "What stands above the text." });
registerEnumType(ButtonTypeEnum, { name: "TemplateButtonType", description: "What a tap does." });
registerEnumType(OtpTypeEnum, { name: "TemplateOtpType", description: "How a one-time code gets into the app." });

@ObjectType("TemplateSample", { description: "An example value of a variable." })
@InputType("TemplateSampleInput", {
  description: "An example value of a variable; Meta's reviewers see it, so no personal data.",
})
export class SampleShape {
  @Field(() => String, { description: "Without braces: `1` or `first_name`." })
  variable!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType("TemplateHeader", { description: "What stands above the text." })
@InputType("TemplateHeaderInput", { description: "What stands above the text." })
export class HeaderShape {
  @Field(() => HeaderFormatEnum)
  format!: HeaderFormat;

  @Field(() => String, { nullable: true, description: "TEXT only: at most 60 characters and one variable." })
  text?: string | null;

  @Field(() => [SampleShape], { nullable: true })
  samples?: SampleShape[] | null;

  @Field(() => String, { nullable: true, description: "IMAGE, VIDEO, DOCUMENT: handle of a sample uploaded to Meta." })
  mediaHandle?: string | null;
}

@ObjectType("TemplateBody", { description: "The text." })
@InputType("TemplateBodyInput", { description: "The text." })
export class BodyShape {
  @Field(() => String, {
    nullable: true,
    description: "At most 1024 characters; absent for AUTHENTICATION, whose words are Meta's.",
  })
  text?: string | null;

  @Field(() => [SampleShape], { nullable: true })
  samples?: SampleShape[] | null;

  @Field(() => Boolean, { nullable: true, description: "AUTHENTICATION only." })
  addSecurityRecommendation?: boolean | null;
}

@ObjectType("TemplateFooter", { description: "The small print." })
@InputType("TemplateFooterInput", { description: "The small print." })
export class FooterShape {
  @Field(() => String, { nullable: true, description: "At most 60 characters, no variables." })
  text?: string | null;

  @Field(() => Int, { nullable: true, description: "AUTHENTICATION only: 1 to 90." })
  codeExpirationMinutes?: number | null;
}

@ObjectType("TemplateButton", { description: "A button under the text." })
@InputType("TemplateButtonInput", { description: "A button under the text; which fields count depends on its type." })
export class ButtonShape {
  @Field(() => ButtonTypeEnum)
  type!: ButtonType;

  @Field(() => String, { nullable: true, description: "The label, at most 25 characters." })
  text?: string | null;

  @Field(() => String, { nullable: true, description: "URL: https, one variable `{{1}}` and only at the end." })
  url?: string | null;

  @Field(() => String, { nullable: true, description: "URL with a variable: a whole example address." })
  urlSample?: string | null;

  @Field(() => String, { nullable: true, description: "PHONE_NUMBER: in international form with a plus." })
  phoneNumber?: string | null;

  @Field(() => String, { nullable: true, description: "COPY_CODE: an example of at most 15 characters." })
  code?: string | null;

  @Field(() => OtpTypeEnum, { nullable: true, description: "OTP." })
  otpType?: OtpType | null;

  @Field(() => String, { nullable: true, description: "OTP: label of the button that fills the code in." })
  autofillText?: string | null;

  @Field(() => String, { nullable: true, description: "OTP, one-tap and zero-tap: the Android app." })
  packageName?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "OTP, one-tap and zero-tap: the app's signing hash, 11 characters.",
  })
  signatureHash?: string | null;

  @Field(() => Boolean, { nullable: true, description: "OTP, zero-tap: its terms were read and accepted." })
  zeroTapTermsAccepted?: boolean | null;
}

@InputType({ description: "What the template says." })
export class TemplateContentInput {
  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => HeaderShape, { nullable: true })
  header?: HeaderShape | null;

  @Field(() => BodyShape)
  body!: BodyShape;

  @Field(() => FooterShape, { nullable: true })
  footer?: FooterShape | null;

  @Field(() => [ButtonShape], { nullable: true, description: "At most ten." })
  buttons?: ButtonShape[] | null;
}

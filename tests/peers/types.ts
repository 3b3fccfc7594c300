// The official types as they are on the wire. peers_types_test.py appends constants of these types.
import type Anthropic from "@anthropic-ai/sdk";
import type * as google from "@google/genai";
import type OpenAI from "openai";

// Google's enums are nominal: this is the same with the texts of their members.
type Plain<T> = T extends string ? `${T}`
  : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;

// The newest version of Anthropic's API has no sampling any more, and its types are of that version.
type Sampling = { temperature?: number; top_p?: number; top_k?: number };
type MessagesBody = Anthropic.MessageCreateParams & Sampling;
type CountBody = Anthropic.MessageCountTokensParams;

// Google's client writes the body from parameters of another shape; its parts have types.
type GeminiBody = Plain<{
  contents: google.Content[];
  systemInstruction?: google.Content;
  generationConfig?: google.GenerationConfig;
  tools?: google.Tool[];
  toolConfig?: google.ToolConfig;
  safetySettings?: google.SafetySetting[];
  serviceTier?: string;
}>;
type Getters = "text" | "data" | "initialPromptTokenCount" | "functionCalls" | "executableCode" | "codeExecutionResult";
type GeminiAnswer = Plain<Omit<google.GenerateContentResponse, Getters>>;

type ChatBody = OpenAI.Chat.ChatCompletionCreateParams;
type ChatAnswer = OpenAI.Chat.ChatCompletion;
type ChatChunk = OpenAI.Chat.ChatCompletionChunk;
type ResponsesBody = OpenAI.Responses.ResponseCreateParams;
// Without the member that the official client makes itself.
type OnWire<T> = T extends { response: OpenAI.Responses.Response }
  ? Omit<T, "response"> & { response: ResponsesAnswer }
  : T;
type ResponsesAnswer = Omit<OpenAI.Responses.Response, "output_text">;
type ResponsesEvent = OnWire<OpenAI.Responses.ResponseStreamEvent>;
// Relatives of OpenAI have an id here, and count no tokens of an answer.
type Embeddings = OpenAI.CreateEmbeddingResponse & { id: string; usage: { completion_tokens: number } };

type MessagesAnswer = Anthropic.Message;
type MessagesEvent = Anthropic.RawMessageStreamEvent | { type: "ping" };
type MessagesError = Anthropic.ErrorResponse;
type CountAnswer = Anthropic.MessageTokensCount;
type AnthropicModel = Anthropic.ModelInfo;
